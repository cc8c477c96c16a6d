//! Whatever is read as a return address, a browser stays on the site, and comes to what was asked for.

use http::HeaderValue;
use url::Url;
use vestibule::{
    access::{self, Verdict},
    model::{AppError, ReturnTo},
};

const ORIGIN: &str = "https://app.example";
/// Pages that a browser may be on when it is sent elsewhere.
const FROM: [&str; 2] = ["https://app.example/", "https://app.example/account/sessions?page=2"];

pub fn target() -> impl FnMut(&[u8]) -> String {
    let pages = FROM.map(|page| Url::parse(page).expect("a URL"));
    move |input| {
        let text = String::from_utf8_lossy(input);
        let stays = |location: &str| {
            HeaderValue::from_str(location).expect("a header");
            for page in &pages {
                let url = page.join(location).expect("a URL");
                assert_eq!(url.origin().ascii_serialization(), ORIGIN, "{location:?} from {page}");
            }
        };
        let parsed = ReturnTo::parse(&text);
        let read = ReturnTo::from_query(&text);
        for next in parsed.iter().chain(&read) {
            stays(next.as_str());
            let carried = next.append_to("/login");
            stays(&carried);
            let (_, query) = carried.split_once('?').expect("a query");
            assert_eq!(ReturnTo::from_query(query).as_ref(), Some(next), "carried as {carried}");
        }
        let verdicts = [Verdict::Allow, Verdict::SignIn, Verdict::Confirm, Verdict::Home, Verdict::Forbidden];
        let destinations = verdicts.map(|verdict| access::destination(verdict, &text));
        let errors = [AppError::SignInRequired, AppError::ConfirmRequired, AppError::Internal];
        let redirects = errors.map(|error| access::redirect_for(error, &text));
        destinations.iter().chain(&redirects).flatten().for_each(|location| stays(location));
        let asked = destinations[1].as_deref() != Some("/login?next=%2F");
        format!("{} {} {asked} {:?}", parsed.is_some(), read.is_some(), text.find(['?', '#', '%']))
    }
}
