//! Validation of new entries.

use super::error::{Error, Resource, Result, Violations};

/// Validation rules of a new entry.
pub trait Rules {
    /// The resource that the entry adds to.
    const RESOURCE: Resource;

    /// Checks each field, in the order in which violations are reported: its name, and whether it is valid.
    fn rules(&self) -> Vec<(&'static str, bool)>;
}

/// A `T` that passed validation; stores accept no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Valid<T>(T);

impl<T: Rules> Valid<T> {
    /// Validates `new`. [`Error::Invalid`] with the names of all invalid fields.
    pub fn check(new: T) -> Result<Self> {
        check(&new, &[])?;
        Ok(Self(new))
    }

    /// Returns the entry.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Checks the rules of `new`; the fields `unreadable`, which had no value of their type, are invalid in any case.
pub(crate) fn check<T: Rules>(new: &T, unreadable: &[&str]) -> Result<()> {
    let invalid =
        |(field, is_valid): (_, bool)| (!is_valid || unreadable.contains(&field)).then_some(field);
    let fields: Vec<_> = new.rules().into_iter().filter_map(invalid).collect();
    if fields.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid(Violations {
        resource: T::RESOURCE,
        fields,
    }))
}

/// Returns whether a text is not blank, has at most `max` characters and no NUL.
pub(crate) fn required_text(text: &str, max: usize) -> bool {
    optional_text(text, max) && !text.chars().all(char::is_whitespace)
}

/// Returns whether a text has at most `max` characters and no NUL.
pub(crate) fn optional_text(text: &str, max: usize) -> bool {
    // A text has at least as many bytes as characters, and its byte length is known without counting.
    !text.contains('\0') && (text.len() <= max || text.chars().nth(max).is_none())
}

/// Returns whether a text has at most 60 characters and looks like an e-mail address: one `@` with a local part before it and
/// two or more dot-separated labels after it, no white space, no NUL.
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

/// Returns whether these are at most 5 photo URLs, each non-empty and at most 2,048 characters, or 65,536 for a `data:` URL.
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
    fn email_has_one_at_sign_and_dotted_labels() {
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
    fn length_is_in_characters_and_white_space_is_blank() {
        assert!(required_text(&"🧥".repeat(60), 60));
        assert!(!required_text(&"🧥".repeat(61), 60));
        assert!(!required_text(" \u{a0}\u{2003}\n\t", 60));
        assert!(!required_text("", 60) && optional_text("", 60));
        assert!(!required_text("a\0b", 60) && !optional_text("\0", 60));
    }

    #[test]
    fn photo_is_any_text_and_data_urls_may_be_longer() {
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
