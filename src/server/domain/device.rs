//! What a `User-Agent` header says about a device.

use crate::words;

/// How much of a `User-Agent` header is kept, in characters.
pub const MAX_USER_AGENT_LENGTH: usize = 256;

/// The user agent of commands that an operator runs. A header cannot hold a line break, so no client
/// can claim to be it.
pub const COMMAND_LINE: &str = "\nvestibule";

/// A name such as "Firefox on Linux", by which people recognise their own device. A client can send
/// any string, so the string itself is never shown.
pub fn device_name(user_agent: &str) -> String {
    // Most specific first: nearly every browser also claims to be the ones it descends from.
    const BROWSERS: &[(&str, &str)] = &[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Vivaldi/", "Vivaldi"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    if user_agent == COMMAND_LINE {
        return words::COMMAND_LINE.to_owned();
    }
    words::device(find(BROWSERS), find(SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_named() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (COMMAND_LINE, "Command line of the server"),
            ("vestibule", "An unknown browser"),
            ("<script>alert(1)</script>", "An unknown browser"),
            ("", "An unknown browser"),
        ];
        for (user_agent, words) in cases {
            assert_eq!(device_name(user_agent), words);
        }
    }
}
