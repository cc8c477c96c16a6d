//! How mails are configured: mistakes are told in words, and the password is shown nowhere.

use std::{collections::HashMap, time::Duration};

use vestibule::server::config::{Config, SecretUrl};

use crate::support::{Behaviour, Installation, MailServer, Step, Stores, command};

const WARNING: &str = "the mail server of mail.url cannot be used, and mails wait until it can";

fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, environment.collect::<HashMap<_, _>>()).map_err(|error| format!("{error} {error:?}"))
}

#[test]
fn an_url_that_makes_no_sense_is_refused_without_its_password() {
    for (url, reason) in [
        ("mail.example.org", "it is no URL such as smtps://name:password@smtp.example.org"),
        ("https://ada:hunter2@mail.example.org", "the scheme is neither smtps nor smtp"),
        ("smtps:///ada:hunter2", "there is no host"),
        ("smtps://", "there is no host"),
        ("smtp://ada:hunter2@mail.example.org", "use smtps, or add ?tls=required"),
        ("smtp://192.0.2.1:25", "use smtps, or add ?tls=required"),
        ("smtps://ada:hunter2/7@mail.example.org", "it is no URL"),
        ("smtps://ada:12/hunter2@mail.example.org", "are written in percent: / is %2F, @ is %40"),
        ("smtps://ada:12#hunter2@mail.example.org", "are written in percent"),
        ("smtps://ada:12?hunter2@mail.example.org", "after the ? there can only be tls=required"),
        ("smtp://ada:hunter2@mail.example.org?tls=yes", "after the ? there can only be tls=required"),
        ("smtp://ada:hunter2@mail.example.org?ssl=required", "after the ? there can only be tls=required"),
        ("smtps://hunter2@mail.example.org", "there is a name without a password"),
        ("smtps://ada:%ff@mail.example.org", "name and password are not in UTF-8"),
    ] {
        let error = load(&[("VESTIBULE_MAIL__URL", url)]).expect_err(url);
        assert!(error.starts_with("mail.url: ") && error.contains(reason), "{url}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    for url in [
        "smtps://ada:p%40ss@mail.example.org",
        "smtp://ada:hunter2@mail.example.org:587?tls=required",
        "smtp://relay.internal?tls=opportunistic",
        "smtp://localhost:25",
        "smtp://[::1]:2525",
        "smtps://mail.example.org/app.example",
        "",
    ] {
        load(&[("VESTIBULE_MAIL__URL", url)]).expect(url);
    }
}

#[test]
fn a_sender_and_a_timeout_that_make_no_sense_are_refused() {
    for from in ["nobody", "Ada <ada@example.org", "a@example.org\r\nBcc: b@example.org", "a@b.org, c@d.org"]
    {
        let error = load(&[("VESTIBULE_MAIL__FROM", from)]).expect_err(from);
        assert!(error.starts_with("mail.from: ") && error.contains("is no sender such as"), "{error}");
    }
    for timeout in ["0s", "61s"] {
        let error = load(&[("VESTIBULE_MAIL__TIMEOUT", timeout)]).expect_err(timeout);
        assert!(error.contains("mail.timeout: at least 1ms and at most 1m, not"), "{error}");
    }
    for (public_url, sender) in [
        ("http://localhost:3000", "no-reply@localhost"),
        ("https://app.example:8443", "no-reply@app.example"),
        ("https://xn--mller-kva.example", "no-reply@xn--mller-kva.example"),
        ("https://192.0.2.1", "no-reply@[192.0.2.1]"),
        ("https://[2001:db8::1]", "no-reply@[IPv6:2001:db8::1]"),
    ] {
        let config = load(&[("VESTIBULE_PUBLIC_URL", public_url)]).expect(public_url);
        let from = config.mail.sender(&config.public_url).expect("a sender");
        assert_eq!(from.email.to_string(), sender);
    }
}

#[test]
fn the_password_is_shown_nowhere() {
    let mut installation = Installation::on(Stores::chosen());
    installation.config.mail.url = SecretUrl::new("smtps://ada:hunter2@mail.example.org".to_owned());
    let effective = installation.run(&["config", "--effective"]);
    assert!(effective.contains("smtps://ada:hidden@mail.example.org"), "{effective}");
    assert!(!effective.contains("hunter2"));
    assert!(!format!("{:?}", installation.config).contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_asks_the_mail_server_and_sends_nothing() {
    let mut server = MailServer::start().await;
    let mut installation = Installation::on(Stores::chosen());
    installation.config.mail.url = SecretUrl::new(format!("smtp://ada:hunter2@{}", server.address));
    installation.config.mail.timeout = Duration::from_secs(1);
    installation.open_database().await.close().await;
    assert_eq!(installation.run(&["check"]), "A server can start with these settings.\n");
    assert_eq!((server.connections(), server.received().len()), (1, 0));

    server.behave(Behaviour::Refuse(Step::Auth, "535 5.7.8 Wrong password"));
    let printed = installation.run(&["check"]);
    assert!(printed.contains(WARNING) && printed.contains("535"), "{printed}");
    server.behave(Behaviour::Hang(Step::Greeting));
    let printed = installation.run(&["check"]);
    assert!(printed.contains(WARNING) && printed.contains("took too long"), "{printed}");
    server.go_down().await;
    let printed = installation.run(&["check"]);
    assert!(printed.contains(WARNING) && printed.contains("refused"), "{printed}");
    assert!(printed.ends_with("A server can start with these settings.\n") && !printed.contains("hunter2"));
}

#[test]
fn a_site_for_others_that_mails_nobody_is_warned_of() {
    const WARNING: &str = "mail.url is not set, so mails are files in ";
    let installation = Installation::on(Stores::chosen());
    let check = |variables: &[(&str, &str)]| {
        let output = command(&installation.config, &["check"]).envs(variables.iter().copied()).output();
        String::from_utf8(output.expect("it runs").stdout).expect("UTF-8")
    };
    let public = ("VESTIBULE_PUBLIC_URL", "https://app.example");
    assert!(check(&[public]).contains(WARNING), "{}", check(&[public]));
    assert!(!check(&[]).contains(WARNING));
    assert!(!check(&[public, ("VESTIBULE_MAIL__URL", "smtp://127.0.0.1:9")]).contains(WARNING));
}
