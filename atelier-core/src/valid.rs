//! The proof that a new entry keeps the rules.

use crate::{Error, Noun, Result, Violations};

/// What can be added, and the rules it must keep.
pub trait Rules {
    /// What it is.
    const NOUN: Noun;

    /// The fields in the order of the contract, each with whether it keeps its rule.
    fn rules(&self) -> Vec<(&'static str, bool)>;
}

/// A `T` whose rules have been checked; the only form in which a store takes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Valid<T>(T);

impl<T: Rules> Valid<T> {
    /// Checks the rules of `new`. [`Error::Invalid`] with every field at fault.
    pub fn check(new: T) -> Result<Self> {
        Self::check_read(new, &[])
    }

    /// The same where the fields `unreadable` had no value of their type, whatever stands in their place.
    pub(crate) fn check_read(new: T, unreadable: &[&str]) -> Result<Self> {
        let broken =
            |(field, kept): (_, bool)| (!kept || unreadable.contains(&field)).then_some(field);
        let fields: Vec<_> = new.rules().into_iter().filter_map(broken).collect();
        if fields.is_empty() {
            Ok(Self(new))
        } else {
            Err(Error::Invalid(Violations {
                of: T::NOUN,
                fields,
            }))
        }
    }

    /// The entry.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Not blank, at most `max` characters, no NUL.
pub(crate) fn required_text(text: &str, max: usize) -> bool {
    optional_text(text, max) && !text.chars().all(char::is_whitespace)
}

/// At most `max` characters, no NUL.
pub(crate) fn optional_text(text: &str, max: usize) -> bool {
    // Bytes are at least as many as characters, and counted at once.
    !text.contains('\0') && (text.len() <= max || text.chars().nth(max).is_none())
}

/// At most 60 characters that look like an address: one `@`, something before it, behind it at least two labels joined
/// by single dots, no white space, no NUL.
pub(crate) fn email(text: &str) -> bool {
    let Some((before, domain)) = text.split_once('@') else {
        return false;
    };
    optional_text(text, 60)
        && !text.contains(char::is_whitespace)
        && !before.is_empty()
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// At most 5 photos, each a non-empty text of at most 2,048 characters, or 65,536 of a `data:` address.
pub(crate) fn photos(urls: &[String]) -> bool {
    let photo = |url: &String| {
        let max = if url.starts_with("data:") {
            65_536
        } else {
            2_048
        };
        !url.is_empty() && optional_text(url, max)
    };
    urls.len() <= 5 && urls.iter().all(photo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_dotted_labels() {
        for good in ["a@b.c", "p.x+y@example.org", "é@b.co.uk", "\"@b.c", "a@-.-"] {
            assert!(email(good), "{good:?}");
        }
        let long = format!("{}@b.c", "a".repeat(57));
        for bad in [
            "", "a", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", "a@@b.c", "a@b@c.d", "a b@c.d",
            "a@b.c\n", "a\0@b.c",
        ] {
            assert!(!email(bad), "{bad:?}");
        }
        assert!(!email(&long) && email(&long[1..]));
    }

    #[test]
    fn length_counts_characters_and_white_space_is_blank() {
        assert!(required_text(&"🧥".repeat(60), 60));
        assert!(!required_text(&"🧥".repeat(61), 60));
        assert!(!required_text(" \u{a0}\u{2003}\n\t", 60));
        assert!(!required_text("", 60) && optional_text("", 60));
        assert!(!required_text("a\0b", 60) && !optional_text("\0", 60));
    }

    #[test]
    fn a_photo_may_be_any_text_and_data_may_be_long() {
        let photo = |length: usize, start: &str| {
            vec![format!("{start}{}", "x".repeat(length - start.len()))]
        };
        assert!(photos(&[]) && photos(&photo(2_048, "")) && photos(&photo(65_536, "data:")));
        assert!(
            !photos(&photo(2_049, ""))
                && !photos(&photo(65_537, "data:"))
                && !photos(&[String::new()])
        );
        assert!(photos(&vec!["x".to_owned(); 5]) && !photos(&vec!["x".to_owned(); 6]));
    }
}
