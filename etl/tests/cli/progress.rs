//! What is shown of a load that takes no time.

use crate::{folder, load, program, samples, text};

#[test]
fn a_short_load_tells_nothing_of_its_progress() {
    let folder = folder();
    let output = load(&folder, &samples(), &["--database-url", "sqlite:shop.db"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn nothing_is_coloured() {
    let folder = folder();
    for no_color in ["", "1"] {
        let output = program(&folder)
            .env("NO_COLOR", no_color)
            .arg("check")
            .arg(samples())
            .output()
            .expect("the program starts");
        assert!(!text(&output.stdout).contains('\x1b'));
    }
}
