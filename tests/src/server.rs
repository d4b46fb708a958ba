//! Real server as a child process, and every way to end it.
//!
//! In: [`Launch`]. Out: a [`Server`] that accepts connections. Never outlives its test: it is killed on drop.

use std::{
    collections::BTreeMap,
    env, fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

use crate::{Rest, Site, program::server_program, within};

/// Folder of the data in the server's own folder.
const DATA: &str = "data";

/// Copies the files of a folder into a new one.
///
/// # Errors
/// When one cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        std::fs::copy(&path, to.join(path.file_name().context("an entry has a name")?))?;
    }
    Ok(())
}

/// Address that a server listens on. Stays the same across restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(SocketAddr);

impl Address {
    /// Client of the REST side.
    #[must_use]
    pub fn rest(self) -> Rest {
        Rest::new(self)
    }

    /// URL of the server by `http://`, without a slash at the end.
    #[must_use]
    pub fn http(self) -> String {
        format!("http://{}", self.0)
    }

    /// URL of the realtime endpoint.
    #[must_use]
    pub fn realtime(self) -> String {
        format!("ws://{}/api/realtime", self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Settings to start a server with: the defaults of the tests, and what one test changes.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Another program than the server's own.
    program: Option<PathBuf>,
    boards: Vec<String>,
    flags: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
}

impl Default for Launch {
    fn default() -> Self {
        Self { program: None, boards: vec!["main".into()], flags: BTreeMap::new(), variables: BTreeMap::new() }
    }
}

impl Launch {
    /// Sets a flag, such as `--snapshot-every`.
    #[must_use]
    pub fn flag(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.flags.insert(name.to_owned(), value.to_string());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.variables.insert(name.to_owned(), value.to_string());
        self
    }

    /// Runs another program that takes the same arguments.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Serves these boards instead of `main`.
    #[must_use]
    pub fn boards<'a>(mut self, boards: impl IntoIterator<Item = &'a str>) -> Self {
        self.boards = boards.into_iter().map(str::to_owned).collect();
        self
    }

    /// Starts the server in a fresh folder and waits until it listens.
    ///
    /// # Errors
    /// When it ends instead.
    pub async fn start(self) -> Result<Server> {
        let home = TempDir::with_prefix("tideboard-test-")?;
        Site::write(&home.path().join("site"))?;
        let address = Address(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)));
        let program = match &self.program {
            Some(program) => program.clone(),
            None => server_program()?.to_owned(),
        };
        let child = self.spawn(&program, home.path(), address).await?;
        Ok(Server { launch: self, program, home, address, child })
    }

    /// Starts the server on a folder that is there already, which it is to refuse. Returns what it wrote to standard
    /// error.
    ///
    /// # Errors
    /// When it does not end, or ends well.
    pub async fn refused_on(&self, data: &Path) -> Result<String> {
        let home = TempDir::with_prefix("tideboard-test-")?;
        let address = Address(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)));
        let mut command = self.serve(server_program()?, home.path(), address, data);
        let output = within("end of a server on bad data", command.stderr(Stdio::piped()).output()).await??;
        if output.status.success() {
            bail!("the server took {} and ended well", data.display());
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Runs `tideboard serve` with exactly these arguments, which has to end with an error. Returns what it wrote to
    /// standard error.
    ///
    /// # Errors
    /// When it does not end, or ends well.
    pub async fn failure(self, args: &[&str]) -> Result<String> {
        let home = TempDir::with_prefix("tideboard-test-")?;
        let mut command = self.command(server_program()?, home.path());
        let output = within("end of a server with bad settings", command.args(args).output()).await??;
        if output.status.success() {
            bail!("the server took {args:?} and ended well");
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    async fn spawn(&self, program: &Path, home: &Path, address: Address) -> Result<Child> {
        let mut command = self.serve(program, home, address, &home.join(DATA));
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        within("line 'listening on'", until_listening(&mut child, address)).await??;
        Ok(child)
    }

    fn serve(&self, program: &Path, home: &Path, address: Address, data: &Path) -> Command {
        let mut command = self.command(program, home);
        command.arg("--bind").arg(address.to_string()).arg("--data-dir").arg(data);
        for board in &self.boards {
            command.args(["--board", board]);
        }
        let mut flags: BTreeMap<&str, String> = [
            ("--store", "sqlite".to_owned()),
            ("--host-rate-hz", "1".to_owned()),
            ("--allow-origin", "*".to_owned()),
            ("--assets", home.join("site").display().to_string()),
        ]
        .into();
        flags.extend(self.flags.iter().map(|(name, value)| (name.as_str(), value.clone())));
        for (name, value) in flags {
            command.arg(name).arg(value);
        }
        command
    }

    fn command(&self, program: &Path, home: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg("serve").current_dir(home).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        // The developer's own settings do not apply to tests, except for the level of the log.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TIDEBOARD_")) {
            command.env_remove(name);
        }
        command.env("TIDEBOARD_LOG", env::var_os("TIDEBOARD_LOG").unwrap_or_else(|| "warn".into()));
        command.envs(&self.variables);
        command
    }
}

/// Reads standard output until the server accepts connections, then leaves a reader behind so that the pipe never fills
/// up.
async fn until_listening(child: &mut Child, address: Address) -> Result<()> {
    let mut stdout = BufReader::new(child.stdout.take().context("stdout is piped")?);
    let mut line = String::new();
    let expected = format!("listening on {}", address.http());
    loop {
        line.clear();
        if stdout.read_line(&mut line).await? == 0 {
            bail!("the server ended before it listened: {}; its message is above", child.wait().await?);
        }
        if line.trim() == expected {
            break;
        }
    }
    tokio::spawn(async move {
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).await
    });
    Ok(())
}

/// Finds a free port outside the range from which the system takes ports for outgoing connections. Otherwise a client
/// that keeps trying a restarting server may be given the server's own port, and then be connected to itself.
fn free_port() -> Result<u16> {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(10_000..30_000)).take(100).find(free).context("no free port")
}

/// Running server in a folder of its own.
#[derive(Debug)]
pub struct Server {
    launch: Launch,
    program: PathBuf,
    home: TempDir,
    address: Address,
    child: Child,
}

impl Server {
    /// Starts a server with the defaults: board `main`, SQLite.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start() -> Result<Self> {
        Launch::default().start().await
    }

    /// Address that the server listens on.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// Client of the server's REST side.
    #[must_use]
    pub fn rest(&self) -> Rest {
        self.address.rest()
    }

    /// Id of the process.
    ///
    /// # Errors
    /// When it has ended.
    pub fn id(&self) -> Result<u32> {
        self.child.id().context("the server has ended already")
    }

    /// Memory of the process that is in use, as Linux counts it.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn resident_bytes(&self) -> Result<usize> {
        let id = self.id()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: usize = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// Kills the process without warning, by SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(&mut self) -> Result<()> {
        within("end of the killed server", self.child.kill()).await?.context("cannot kill the server")
    }

    /// Asks the server to end, by SIGTERM. Returns at once.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn terminate(&self) -> Result<()> {
        kill(Pid::from_raw(self.id()?.try_into()?), Signal::SIGTERM).context("cannot send SIGTERM")
    }

    /// Waits until the server ends by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(within("end of the server", self.child.wait()).await??)
    }

    /// Starts the server again on the same folder and port. The old process must have ended.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = self.launch.spawn(&self.program, self.home.path(), self.address).await?;
        Ok(())
    }

    /// Starts the server again and kills it after `life`, whether it is ready by then or not. The old process must have
    /// ended.
    ///
    /// # Errors
    /// When it cannot be started or killed.
    pub async fn restart_and_kill(&mut self, life: Duration) -> Result<()> {
        let mut child = self.launch.serve(&self.program, self.home.path(), self.address, &self.data()).spawn()?;
        let ended = tokio::time::timeout(life, child.wait()).await;
        ensure!(ended.is_err(), "the server ended by itself: {ended:?}");
        within("end of the killed server", child.kill()).await?.context("cannot kill the server")
    }

    /// Folder of the server's data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.home.path().join(DATA)
    }

    /// Puts a copy of another folder in the place of the server's data. The process must have ended.
    ///
    /// # Errors
    /// When the folders cannot be read or written.
    pub fn put_back(&self, backup: &Path) -> Result<()> {
        self.wipe()?;
        copy_folder(backup, &self.data())
    }

    /// Removes all data, as a new disk would. The process must have ended.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn wipe(&self) -> Result<()> {
        std::fs::remove_dir_all(self.data()).context("cannot remove the data")
    }
}
