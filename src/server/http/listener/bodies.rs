//! Bodies that tell what goes over them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::activity::Activity;

/// While a handler waits for the body of its request, it waits for the client.
#[derive(Debug)]
pub struct RequestBody {
    pub body: Incoming,
    pub activity: Arc<Activity>,
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.activity.waits(),
            Poll::Ready(Some(Ok(frame))) => self.activity.moved(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(_) => self.activity.moved(0),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.activity.moved(0);
    }
}

/// Once the body of a response is dropped, it is complete.
#[derive(Debug)]
pub struct ResponseBody {
    pub body: body::Body,
    pub activity: Arc<Activity>,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.activity.answered();
    }
}
