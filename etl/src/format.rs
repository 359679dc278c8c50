//! Numbers and durations as text for people.

/// Formats a number with thousands separators: `70,320,002`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a duration in seconds as a clock: `0:04`, `1:02:03`.
pub(crate) fn clock(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

/// Formats counts by name: `612 RANGE · 301 FK`.
pub(crate) fn counts<'n>(counts: impl Iterator<Item = (&'n str, u64)>) -> String {
    let parts: Vec<_> = counts
        .map(|(name, count)| format!("{} {name}", thousands(count)))
        .collect();
    parts.join(" · ")
}
