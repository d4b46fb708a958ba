//! The bus of a server that is alone.

use std::sync::{Mutex, PoisonError};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::mpsc;

use super::{Bus, BusEvent};

/// Most events waiting for one receiver.
const WAITING_EVENTS: usize = 1_024;

/// Hands each event to every receiver in this process.
#[derive(Debug, Default)]
pub(crate) struct LocalBus {
    receivers: Mutex<Vec<mpsc::Sender<BusEvent>>>,
}

impl Bus for LocalBus {
    fn publish(&self, event: BusEvent) -> BoxFuture<'_, ()> {
        let receivers = {
            let mut receivers = self.receivers.lock().unwrap_or_else(PoisonError::into_inner);
            receivers.retain(|receiver| !receiver.is_closed());
            receivers.clone()
        };
        async move {
            for receiver in receivers {
                // One that went away meanwhile misses nothing it would have wanted.
                let _ = receiver.send(event.clone()).await;
            }
        }
        .boxed()
    }

    fn receive(&self) -> mpsc::Receiver<BusEvent> {
        let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
        self.receivers.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn local_bus_conforms() {
        crate::bus::conformance::run(async || Arc::new(LocalBus::default()) as Arc<dyn Bus>).await;
    }
}
