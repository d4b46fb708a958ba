//! Differences between systems: process groups, and orphans on Linux.

#[cfg(not(unix))]
pub(super) use elsewhere::{is_alive, kill, own_group, terminate};
#[cfg(target_os = "linux")]
pub(super) use linux::{adopt_orphans, end_leftovers};
#[cfg(unix)]
pub(super) use unix::{is_alive, kill, own_group, terminate};

#[cfg(not(target_os = "linux"))]
pub(super) fn adopt_orphans() {}

#[cfg(not(target_os = "linux"))]
pub(super) fn end_leftovers() {}

#[cfg(unix)]
mod unix {
    use std::{os::unix::process::CommandExt, process::Command};

    use nix::{
        sys::signal::{Signal, killpg},
        unistd::Pid,
    };

    pub(in super::super) fn own_group(command: &mut Command) {
        command.process_group(0);
    }

    pub(in super::super) fn terminate(group: u32) {
        send(group, Some(Signal::SIGTERM));
    }

    pub(in super::super) fn kill(group: u32) {
        send(group, Some(Signal::SIGKILL));
    }

    pub(in super::super) fn is_alive(group: u32) -> bool {
        send(group, None)
    }

    /// Tells whether the group was there to be told.
    fn send(group: u32, what: Option<Signal>) -> bool {
        i32::try_from(group).is_ok_and(|group| killpg(Pid::from_raw(group), what).is_ok())
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::process::Command;

    pub(in super::super) fn own_group(_: &mut Command) {}

    // Without process groups the drop of a child kills the child alone.
    pub(in super::super) fn terminate(_: u32) {}

    pub(in super::super) fn kill(_: u32) {}

    pub(in super::super) fn is_alive(_: u32) -> bool {
        false
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{collections::BTreeMap, fs, process, thread, time::Duration};

    use nix::{
        sys::{
            prctl,
            signal::{Signal, kill},
            wait::{WaitPidFlag, WaitStatus, waitpid},
        },
        unistd::Pid,
    };

    /// Programs that tests start. Others, such as a compiler cache's server, may live on.
    const OURS: [&str; 2] = ["chrom", "tideboard"];

    /// Makes processes whose parent has ended xtask's own children, so that [`end_leftovers`] finds them.
    pub(in super::super) fn adopt_orphans() {
        // A second net only: without it the process groups still end.
        prctl::set_child_subreaper(true).ok();
    }

    /// Kills them, and collects all that have ended: not every machine's first process does. To be called last.
    pub(in super::super) fn end_leftovers() {
        kill_leftovers();
        while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status != WaitStatus::StillAlive) {}
    }

    fn kill_leftovers() {
        // One that is being killed may still be starting another.
        for _ in 0..20 {
            let found = descendants();
            if found.is_empty() {
                return;
            }
            for pid in found {
                kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
            }
            thread::sleep(Duration::from_millis(25));
        }
    }

    /// Living processes below this one that bear one of [`OURS`].
    fn descendants() -> Vec<i32> {
        let mut children = BTreeMap::<u32, Vec<(u32, bool)>>::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            if let Some((parent, is_ours)) = parse_stat(&stat) {
                children.entry(parent).or_default().push((pid, is_ours));
            }
        }
        let mut found = Vec::new();
        let mut open = vec![process::id()];
        while let Some(parent) = open.pop() {
            for (pid, is_ours) in children.remove(&parent).unwrap_or_default() {
                open.push(pid);
                found.extend(i32::try_from(pid).ok().filter(|_| is_ours));
            }
        }
        found
    }

    /// The parent, and whether it is a living process of [`OURS`]: `pid (name) state parent …`, see proc_pid_stat(5).
    fn parse_stat(stat: &str) -> Option<(u32, bool)> {
        let (head, tail) = stat.rsplit_once(')')?;
        let name = head.split_once('(')?.1;
        let mut fields = tail.split_whitespace();
        let is_dead = matches!(fields.next()?, "Z" | "X");
        Some((fields.next()?.parse().ok()?, !is_dead && OURS.iter().any(|ours| name.starts_with(ours))))
    }

    #[cfg(test)]
    mod tests {
        use super::parse_stat;

        #[test]
        fn a_name_with_brackets_is_read_to_its_last_one() {
            assert_eq!(parse_stat("7 (chrome) (x)) S 3 7 7"), Some((3, true)));
        }

        #[test]
        fn the_dead_and_strangers_are_left_alone() {
            assert_eq!(parse_stat("7 (chromium) Z 3 7"), Some((3, false)));
            assert_eq!(parse_stat("7 (sccache) S 3 7"), Some((3, false)));
        }
    }
}
