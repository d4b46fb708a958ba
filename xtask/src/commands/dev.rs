//! `cargo xtask dev`: a development build that reloads on every change, with the server behind it.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{
    dev_proxy,
    process::{Background, heading},
    project::Metadata,
    server::{self, Profile, Server},
    tools,
};

/// Arguments of `dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port at which the app is served.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Arguments for the server, after `--`.
    #[arg(last = true)]
    server: Vec<String>,
}

/// Serves until Ctrl-C. The app is rebuilt on every change; the server is not.
pub(crate) fn run(args: &Args) -> Result<()> {
    let port = args.port;
    let front = TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("port {port} is taken: end what uses it, or give another by --port"))?;
    tools::wasm_target()?;
    let metadata = Metadata::load()?;
    let mut trunk = tools::trunk(&metadata)?;
    let program = server::build(&metadata, Profile::Dev)?;

    // Not `dist`: that holds the release.
    let dist = metadata.work_dir()?.join("dev");
    fs::create_dir_all(&dist).with_context(|| format!("create {}", dist.display()))?;
    let server = Server::start(&program, server_args(port, &dist, &args.server))?;
    let trunk_port = free_port()?;
    trunk.args(["serve", "--address", "127.0.0.1", "--port", &trunk_port.to_string(), "--dist"]).arg(&dist);
    heading("Build the app (first time: about 70 s) and watch it");
    let mut trunk = Background::start(&mut trunk)?;
    dev_proxy::spawn(
        front,
        dev_proxy::Backends { app: format!("127.0.0.1:{trunk_port}"), server: server.address().to_owned() },
    );
    thread::spawn(move || {
        // Trunk listens once the first build is done.
        while TcpStream::connect(("127.0.0.1", trunk_port)).is_err() {
            thread::sleep(Duration::from_millis(200));
        }
        heading(&format!("Tideboard is at http://127.0.0.1:{port} and reloads on every change (Ctrl-C ends it)"));
    });
    let status = trunk.wait()?;
    ensure!(status.success(), "Trunk ended: {status}; its message is above");
    Ok(())
}

/// The page's origin is the proxy's, not the server's.
fn server_args(port: u16, dist: &Path, given: &[String]) -> Vec<String> {
    let origins = ["127.0.0.1", "localhost"].map(|host| format!("--allow-origin=http://{host}:{port}"));
    let assets = [String::from("--assets"), dist.display().to_string()];
    assets.into_iter().chain(origins).chain(given.iter().cloned()).collect()
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
