//! What is answered.

use super::super::paths::{base_path, page_name};
use super::super::values::{number, one, size, switch};
use super::{Section, Setting, Shown, Takes, Unset};

pub(super) const SECTION: Section = Section {
    title: "Answers",
    settings: &[
        Setting {
            flag: "base-path",
            variable: "ATELIER_BASE_PATH",
            also: None,
            takes: Takes::Several,
            value: "PATH",
            unset: Unset::Is("/,/api/fec2/{campus}"),
            example: "/shop",
            shown: Shown::AsItIs,
            help: "Where the API is reachable; `{name}` stands for any one segment. Not where the server's own pages are: `/live`, `/ready`, `/health`, \
                   `/metrics`, `/docs`, `/storefront`, and not below a first segment of the API's",
            set: |options, given| {
                let paths = given.iter().map(|text| base_path(text));
                options.settings.base_paths = paths.collect::<Result<_, _>>()?;
                Ok(())
            },
        },
        Setting {
            flag: "campus",
            variable: "ATELIER_CAMPUS",
            also: None,
            takes: Takes::One,
            value: "NAME",
            unset: Unset::Is("hr-rfp"),
            example: "hr-lax",
            shown: Shown::AsItIs,
            help: "The campus that products show",
            set: |options, given| {
                one(given).clone_into(&mut options.settings.campus);
                Ok(())
            },
        },
        Setting {
            flag: "cache-bytes",
            variable: "ATELIER_CACHE_BYTES",
            also: None,
            takes: Takes::One,
            value: "SIZE",
            unset: Unset::Is("128MiB"),
            example: "512MiB",
            shown: Shown::AsItIs,
            help: "Finished answers to keep in memory; 0 keeps none",
            set: |options, given| {
                options.settings.cache_bytes = size(one(given), 0..=1 << 40)?;
                Ok(())
            },
        },
        Setting {
            flag: "max-rows",
            variable: "ATELIER_MAX_ROWS",
            also: None,
            takes: Takes::One,
            value: "N",
            unset: Unset::Is("10000"),
            example: "1000",
            shown: Shown::AsItIs,
            help: "Most rows of a list in one answer, however large a `count` is asked",
            set: |options, given| {
                options.limits.max_rows = number(one(given), 1..=1_000_000)?;
                Ok(())
            },
        },
        Setting {
            flag: "max-answer-bytes",
            variable: "ATELIER_MAX_ANSWER_BYTES",
            also: None,
            takes: Takes::One,
            value: "SIZE",
            unset: Unset::Is("16MiB"),
            example: "4MiB",
            shown: Shown::AsItIs,
            help: "Most bytes of a list in one answer, before it is compressed; it ends at an earlier row then",
            set: |options, given| {
                // A store reads no more than that at once.
                options.settings.max_response_bytes = size(one(given), 64 << 10..=16 << 20)?;
                Ok(())
            },
        },
        Setting {
            flag: "read-only",
            variable: "ATELIER_READ_ONLY",
            also: None,
            takes: Takes::Switch,
            value: "on|off",
            unset: Unset::Is("off"),
            example: "on",
            shown: Shown::AsItIs,
            help: "Refuse every change with 403; for a demo that is public",
            set: |options, given| {
                options.limits.read_only = switch(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "pages",
            variable: "ATELIER_PAGES",
            also: None,
            takes: Takes::Switch,
            value: "on|off",
            unset: Unset::Is("on"),
            example: "off",
            shown: Shown::AsItIs,
            help: "Serve the storefront at `/` and the API to try at `/docs`, which ask the API at the root: off by default where \
                   `--base-path` has no `/` in it",
            set: |options, given| {
                options.serving.pages = switch(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "load-test-token",
            variable: "ATELIER_LOAD_TEST_TOKEN",
            also: None,
            takes: Takes::Several,
            value: "TOKEN",
            unset: Unset::Nothing("none"),
            example: "loaderio-abc123",
            shown: Shown::AsItIs,
            help: "A text that a hosted load tester asks for, to see that the server is yours: the answer to `/TOKEN/`, \
                   `/TOKEN.txt` and `/TOKEN.html`",
            set: |options, given| {
                let names = given.iter().map(|name| page_name(name));
                options.serving.load_test_tokens = names.collect::<Result<_, _>>()?;
                Ok(())
            },
        },
    ],
};
