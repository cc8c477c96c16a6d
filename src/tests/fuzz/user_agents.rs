//! A device has one of some names, whatever its browser claims to be.

use std::collections::HashSet;

use vestibule::{server::domain::device_name, words};

const BROWSERS: [&str; 8] =
    ["Edge", "Opera", "Samsung Internet", "Vivaldi", "Firefox", "Chrome", "Safari", "curl"];
const SYSTEMS: [&str; 7] = ["iPhone", "iPad", "Android", "ChromeOS", "Windows", "macOS", "Linux"];

pub fn target() -> impl FnMut(&[u8]) -> String {
    let browsers = || BROWSERS.iter().copied().map(Some).chain([None]);
    let systems = || SYSTEMS.iter().copied().map(Some).chain([None]);
    let mut names: HashSet<String> =
        browsers().flat_map(|browser| systems().map(move |system| words::device(browser, system))).collect();
    names.insert(words::COMMAND_LINE.to_owned());
    move |input| {
        let name = device_name(&String::from_utf8_lossy(input));
        assert!(names.contains(&name), "{name:?} is none of the names");
        name
    }
}
