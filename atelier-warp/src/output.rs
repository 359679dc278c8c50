//! Standard output and standard error, as other programs leave them.

use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

/// Pause before a descriptor that takes nothing is tried again.
const RETRY: Duration = Duration::from_millis(5);

/// Writes the bytes in `rest`, which holds what is not written when that fails. Waits while the reader takes nothing, also
/// where another program has made the descriptor non-blocking: whoever shares a terminal or a pipe shares that flag, and
/// [`Write::write_all`] gives up in the middle of a line then.
pub fn write_all(out: &mut impl Write, rest: &mut &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => *rest = &rest[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    loop {
        match out.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY),
            done => return done,
        }
    }
}
