//! Joins the parts: opens the log, starts live data and sources, listens.

use std::{
    net::SocketAddr,
    num::NonZeroU64,
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use actix_web::{App as Routes, HttpServer, dev::ServerHandle, middleware::from_fn, web::Data};
use tideboard_room::RoomConfig;
use tideboard_shared::{WireLimits, settings::Count};

use crate::{
    app::App,
    auth::Auth,
    bus::{Bus, LocalBus},
    config::{Config, Store},
    error::StartError,
    fanout::{Fanout, worker::Worker},
    history::History,
    live::Live,
    log::{DataFolder, Log, MemoryLog, SqliteLog},
    metrics::Metrics,
    rooms::{RoomSettings, Rooms},
    routes, seed, shutdown, sources,
};

/// Actix closes a finished connection at once: with any other value it would read on for input that nobody wants, and
/// wait for the client to close first. A socket has waited for its peer's goodbye by then.
const LINGER: Duration = Duration::ZERO;
/// Seconds after draining at which the connections that are left are cut.
const CUT_AFTER_S: u64 = 1;

/// A server that accepts connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: Arc<App>,
    handle: ServerHandle,
    http: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Starts all of it. Needs a multi-threaded tokio runtime.
    ///
    /// # Errors
    /// When the address, the data folder or the log cannot be used; nothing runs then.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        if !config.bind.0.ip().is_loopback() && !config.insecure {
            return Err(StartError::Insecure(config.bind.0));
        }
        let listener = listen(&config).map_err(|source| StartError::Bind { address: config.bind.0, source })?;
        let address = listener.local_addr().map_err(StartError::Http)?;
        let app = Arc::new(assemble(config).await?);
        if let Some(hz) = app.config.host_rate_hz.hz() {
            sources::host::start(Arc::clone(&app.bus), hz).map_err(StartError::Http)?;
        }
        if let Some(hz) = app.config.server_rate_hz.hz() {
            sources::server::start(Arc::clone(&app.bus), Arc::clone(&app.metrics), hz);
        }
        let http = http(&app, listener).map_err(StartError::Http)?;
        let handle = http.handle();
        tracing::info!(%address, durability = ?app.durability, boards = app.rooms.count(), "listening");
        Ok(Self { address, app, handle, http: tokio::spawn(http) })
    }

    /// Address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says goodbye to everybody, finishes what was accepted, and ends.
    ///
    /// # Errors
    /// When the HTTP server had failed, or boards or the log did not finish in time.
    pub async fn stop(self) -> Result<(), StartError> {
        shutdown::drain(&self.app).await;
        self.handle.stop(true).await;
        let closed = self.app.rooms.close().await;
        match self.http.await {
            Ok(result) => result.map_err(StartError::Http)?,
            Err(panicked) => return Err(StartError::Http(std::io::Error::other(panicked))),
        }
        closed.map_err(StartError::Unfinished)
    }

    /// Waits until the HTTP server ends by itself, which it does only when it fails.
    async fn failed(&mut self) -> StartError {
        let ended = match (&mut self.http).await {
            Ok(Ok(())) => std::io::Error::other("it ended by itself"),
            Ok(Err(error)) => error,
            Err(panicked) => std::io::Error::other(panicked),
        };
        StartError::Http(ended)
    }
}

/// Runs a server until SIGINT or SIGTERM.
///
/// # Errors
/// As [`Server::start`], or when the HTTP server fails.
pub async fn run(config: Config) -> Result<(), StartError> {
    run_until_signal(Server::start(config).await?).await
}

/// Keeps a started server up until SIGINT or SIGTERM, then stops it.
///
/// # Errors
/// When signals cannot be received or the HTTP server fails.
pub async fn run_until_signal(mut server: Server) -> Result<(), StartError> {
    tokio::select! {
        signal = shutdown::signal() => signal.map_err(StartError::Http)?,
        error = server.failed() => return Err(error),
    }
    server.stop().await
}

async fn assemble(config: Config) -> Result<App, StartError> {
    let log = open_log(&config)?;
    let durability = log.durability();
    let room = RoomConfig {
        durability,
        retain_events: config.retain_events.get(),
        retain_bytes: config.retain_bytes.get(),
        board_bytes: config.board_bytes.get(),
        snapshot_every: NonZeroU64::new(config.snapshot_every.get() as u64).unwrap_or(NonZeroU64::MIN),
        idle_after: config.board_idle_ms.duration(),
        ..RoomConfig::default()
    };
    seed::create_missing(&*log, &config.boards, room).await?;
    let metrics = Arc::<Metrics>::default();
    let keep_events = config.retain_events.get().max(config.history_events.get());
    let settings = RoomSettings { room, keep_events };
    let history = History::new(Arc::clone(&log));
    let fanout = Arc::new(Fanout::new(config.held_bytes.get()));
    let rooms = Rooms::new(Arc::clone(&log), settings, Arc::clone(&metrics), Arc::clone(&fanout)).await?;
    let bus = Arc::new(LocalBus::default());
    let presence_ttl = config.presence_ttl_ms.duration();
    let live = Live::start(&*bus, Arc::clone(&fanout), presence_ttl, config.history_points.get());
    Ok(App {
        limits: limits(&config),
        config,
        durability,
        auth: Auth,
        log,
        rooms,
        history,
        live,
        bus: bus as Arc<dyn Bus>,
        fanout,
        metrics,
        started: Instant::now(),
        draining: AtomicBool::new(false),
    })
}

/// Limits that `welcome` announces: those of the settings, and those that are the same everywhere.
fn limits(config: &Config) -> WireLimits {
    WireLimits {
        connection_bytes: config.connection_bytes.get(),
        board_bytes: config.board_bytes.get(),
        hello_ms: config.hello_ms.get(),
        future_ms: config.future_ms.get(),
        history_points: config.history_points.get(),
        ..WireLimits::default()
    }
}

/// Listens with the limits that each accepted connection inherits.
fn listen(config: &Config) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(config.bind.0)?;
    let socket = socket2::SockRef::from(&listener);
    socket.set_send_buffer_size(config.send_buffer_bytes.get())?;
    // The only time limit that sees a window which stays closed though the peer answers every probe.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(config.write_timeout_ms.duration()))?;
    Ok(listener)
}

fn open_log(config: &Config) -> Result<Arc<dyn Log>, StartError> {
    match config.store {
        Store::Memory => Ok(Arc::new(MemoryLog::default())),
        Store::Sqlite => {
            let folder = DataFolder::open(&config.data_dir)?;
            Ok(Arc::new(SqliteLog::open(folder)?))
        }
    }
}

fn http(app: &Arc<App>, listener: std::net::TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let app = Arc::clone(app);
    let workers = app.config.workers.map(Count::get);
    let server = HttpServer::new(move || {
        // Called once on each worker thread.
        let (handle, inbox) = app.fanout.add_worker();
        let connection_bytes = app.config.connection_bytes.get();
        let worker: Rc<Worker> = Worker::start(handle, inbox, Arc::clone(&app.metrics), connection_bytes);
        Routes::new()
            .wrap(from_fn(routes::check_host))
            .app_data(Data::from(Arc::clone(&app)))
            .app_data(worker)
            .configure(|config| routes::configure(config, &app.config.assets))
    });
    let server = match workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    // Frames are small and gathered already; Nagle's algorithm would hold every second one for an acknowledgement.
    let server = server.tcp_nodelay(true).client_disconnect_timeout(LINGER);
    Ok(server.disable_signals().shutdown_timeout(CUT_AFTER_S).listen(listener)?.run())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use tideboard_shared::settings::{bytes, milliseconds};

    use super::*;
    use crate::config::Bind;

    #[test]
    fn accepted_connections_inherit_the_limits_of_the_listener() {
        let config = Config {
            bind: Bind::localhost(0),
            send_buffer_bytes: bytes(8_192),
            write_timeout_ms: milliseconds(7_000),
            ..Config::default()
        };
        let listener = listen(&config).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        let socket = socket2::SockRef::from(&accepted);
        assert!(socket.send_buffer_size().unwrap() <= 2 * 8_192, "Linux takes twice as much");
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(config.write_timeout_ms.duration()));
    }
}
