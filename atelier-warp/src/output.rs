//! Writing to standard output and standard error, which may be non-blocking.

use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

/// Pause before a descriptor that is not ready is written again.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Writes all bytes in `rest`; after an error, `rest` contains the unwritten ones. Unlike [`Write::write_all`], waits if the
/// descriptor is non-blocking and not ready: processes that share a terminal or a pipe share that flag, so another program may
/// have set it.
pub fn write_all(out: &mut impl Write, rest: &mut &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => *rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY_INTERVAL),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    loop {
        match out.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY_INTERVAL),
            done => return done,
        }
    }
}
