//! What follows from several settings together.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::given::{Given, Source};
use super::{Admin, Failure, Options, exit};

/// Where probes are answered in production.
const ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3_001);

/// Sets it, where that was not set by itself.
pub(super) fn follow(options: &mut Options, all: &mut [Given]) -> Result<(), Failure> {
    probes_in_production(options, all);
    pages_at_the_root(options, all)?;
    if options.database.is_none()
        && let Some(url) = named("database-url", all)
    {
        // For who looks for the file.
        url.values = vec![options.url().to_string()];
    }
    Ok(())
}

fn named<'a>(flag: &str, all: &'a mut [Given]) -> Option<&'a mut Given> {
    all.iter_mut().find(|given| given.setting.flag == flag)
}

/// Where only this machine can ask, probes are nobody else's anyway; of servers behind a proxy each would need another port.
fn probes_in_production(options: &mut Options, all: &mut [Given]) {
    let public = !options.listen.ip().is_loopback();
    if options.production && public && options.admin.is_none() {
        options.admin = Some(Admin::At(ADMIN));
        options.serving.probes = false;
        if let Some(admin) = named("admin-addr", all) {
            admin.values = vec![ADMIN.to_string()];
            admin.source = Source::Production;
        }
    }
}

/// The pages ask the API at the root, and are of no use where it is not.
fn pages_at_the_root(options: &mut Options, all: &mut [Given]) -> Result<(), Failure> {
    let mut paths = options.settings.base_paths.iter();
    if !options.serving.pages || paths.any(|path| path == "/") {
        return Ok(());
    }
    options.serving.pages = false;
    match named("pages", all) {
        Some(pages) if pages.source != Source::Default => Err(Failure::new(
            "--pages can't be on.",
            "The pages ask the API at the root, and --base-path has no / in it.",
            "Give such as: --base-path /,/shop, or leave --pages out",
        )
        .code(exit::SETTING)),
        Some(pages) => {
            pages.values = vec!["off".to_owned()];
            pages.source = Source::BasePath;
            Ok(())
        }
        None => Ok(()),
    }
}
