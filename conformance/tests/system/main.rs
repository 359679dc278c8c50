//! Atelier with the programs around it: browsers, nginx, networks that fail, PostgreSQL with standbys, deployment scripts.

mod browser;
mod deploy;
mod faults;
mod nginx;
mod standby;
