//! A visitor, over HTTP.

use std::error::Error;

use http::{StatusCode, header};

/// A visitor of a server.
#[derive(Clone, Debug)]
pub struct Visitor {
    http: reqwest::Client,
    origin: String,
    cookie: String,
}

impl Visitor {
    /// Who has no session.
    pub fn anonymous(origin: String) -> Result<Self, Box<dyn Error>> {
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, origin, cookie: String::new() })
    }

    pub async fn register(origin: String) -> Result<Self, Box<dyn Error>> {
        let mut visitor = Self::anonymous(origin)?;
        let form = "name=Ada&email=ada%40example.org&password=violet+anchor+seldom";
        let answer = visitor.post("/api/register", form).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).ok_or("no cookie")?.to_str()?;
        visitor.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(visitor)
    }

    /// The session cookie, as it is sent.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// The same visitor, of a server at another address.
    pub fn at(&self, origin: String) -> Self {
        Self { http: self.http.clone(), origin, cookie: self.cookie.clone() }
    }

    /// Opens the home page.
    pub async fn read(&self) -> Result<(), Box<dyn Error>> {
        let page = self.http.get(&self.origin).header(header::COOKIE, &self.cookie).send().await?;
        if page.status() != StatusCode::OK {
            return Err(format!("the page is {}", page.status()).into());
        }
        page.bytes().await?;
        Ok(())
    }

    /// Changes the name to the one of two that it was not the last time (`odd`): one transaction for it and
    /// its security event, one for the flash message.
    pub async fn write(&self, odd: bool) -> Result<(), Box<dyn Error>> {
        let name = if odd { "name=Grace" } else { "name=Ada" };
        let answer = self.post("/api/rename", name).await?;
        if answer.status() != StatusCode::SEE_OTHER {
            return Err(format!("the change is {}", answer.status()).into());
        }
        Ok(())
    }

    /// Signs in with a wrong password.
    pub async fn fail_to_sign_in(&self, form: &'static str) -> Result<(), Box<dyn Error>> {
        let answer = self.post("/api/sign_in", form).await?;
        if answer.status() != StatusCode::SEE_OTHER || answer.headers().get(header::SET_COOKIE).is_none() {
            return Err(format!("a wrong password is {}", answer.status()).into());
        }
        Ok(())
    }

    /// Asks for a mail; the answer is the same whether there is an account or not.
    pub async fn ask_for_mail(&self, path: &str, form: String) -> Result<(), Box<dyn Error>> {
        let answer = self.post(path, form).await?;
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        if !location.unwrap_or_default().ends_with("?sent=1") {
            return Err(format!("{path} is {} {location:?}", answer.status()).into());
        }
        Ok(())
    }

    async fn post(
        &self,
        path: &str,
        form: impl Into<reqwest::Body>,
    ) -> Result<reqwest::Response, reqwest::Error> {
        self.http
            .post(format!("{}{path}", self.origin))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .body(form)
            .send()
            .await
    }
}
