//! What a connection is doing, and how long it may.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::Duration,
};

use tokio::time::Instant;

use super::transfer_rate::{MinRate, TransferRate};
use crate::server::config::HttpConfig;

/// A client that is waited for this long in the middle of a request may have to make room for another.
const MAX_WAIT_WHEN_FULL: Duration = Duration::from_secs(1);

/// How long a connection may do what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    idle: Duration,
    header: Duration,
    min_rate: MinRate,
}

impl Timeouts {
    pub fn new(config: &HttpConfig) -> Self {
        Self { idle: config.idle_timeout, header: config.header_timeout, min_rate: MinRate::new(config) }
    }
}

/// What a connection is doing: told by its stream and by the bodies that go over it, asked by its task.
#[derive(Debug)]
pub struct Activity {
    timeouts: Timeouts,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    order: Order,
    /// Wakes the task of the connection.
    waker: Option<Waker>,
}

#[derive(Debug)]
enum Phase {
    /// Nothing of the next request has arrived.
    Idle(Instant),
    /// A part of the next head has arrived, the first byte at this time.
    Head(Instant),
    Exchange(Exchange),
}

/// From the head of a request until its response is written.
#[derive(Debug, Default)]
struct Exchange {
    /// The response is complete, though perhaps not written yet.
    answered: bool,
    rate: TransferRate,
    /// When the client had to be waited for first.
    first_wait: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Serve,
    /// Finish the request under way.
    Stop,
    /// The same, and hyper has been told to keep the connection open for no further request.
    Stopping,
    Close,
}

/// What the task of a connection does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    Close,
    Finish,
    /// Judge again when something has happened, or at this time.
    Wait(Option<Instant>),
}

/// What a connection that makes room for another loses; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    Nothing { since: Instant },
    SlowRequest { since: Instant },
}

impl Activity {
    pub fn new(timeouts: Timeouts) -> Self {
        let state = State { phase: Phase::Idle(Instant::now()), order: Order::Serve, waker: None };
        Self { timeouts, state: Mutex::new(state) }
    }

    /// Bytes have arrived.
    pub fn received(&self) {
        let mut state = self.lock();
        if let Phase::Idle(_) = state.phase {
            state.phase = Phase::Head(Instant::now());
        }
    }

    /// The head of a request has arrived.
    pub fn requested(&self) {
        self.lock().phase = Phase::Exchange(Exchange::default());
    }

    /// The response is complete.
    pub fn answered(&self) {
        self.in_exchange(|exchange, _| exchange.answered = true);
    }

    /// Everything is written.
    pub fn flushed(&self) {
        let mut state = self.lock();
        if matches!(&state.phase, Phase::Exchange(exchange) if exchange.answered) {
            state.phase = Phase::Idle(Instant::now());
        }
    }

    /// The client has to send or to read before the exchange goes on.
    pub fn waits(&self) {
        self.in_exchange(|exchange, now| {
            exchange.rate.waits(now);
            exchange.first_wait.get_or_insert(now);
        });
    }

    /// The client has sent or read this many bytes; zero if it is not waited for any more.
    pub fn moved(&self, bytes: usize) {
        self.in_exchange(|exchange, now| exchange.rate.moved(bytes, now));
    }

    pub fn is_in_exchange(&self) -> bool {
        matches!(self.lock().phase, Phase::Exchange(_))
    }

    /// Lets a request under way finish, and closes the connection otherwise.
    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    pub fn close(&self) {
        self.order(Order::Close);
    }

    /// What is lost if the connection is closed now; `None` if it would not be fair.
    pub fn loss(&self, now: Instant) -> Option<Loss> {
        let since = match &self.lock().phase {
            Phase::Idle(since) => return Some(Loss::Nothing { since: *since }),
            Phase::Head(since) => *since,
            Phase::Exchange(exchange) if exchange.rate.is_waiting() => exchange.first_wait?,
            Phase::Exchange(_) => return None,
        };
        (now - since >= MAX_WAIT_WHEN_FULL).then_some(Loss::SlowRequest { since })
    }

    /// Judges what has happened. The task is woken when there is an order.
    pub fn judge(&self, waker: &Waker) -> NextStep {
        let (mut state, now) = (self.lock(), Instant::now());
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        let idle = !matches!(state.phase, Phase::Exchange(_));
        match state.order {
            Order::Close => return NextStep::Close,
            Order::Stop | Order::Stopping if idle => return NextStep::Close,
            Order::Stop => {
                state.order = Order::Stopping;
                return NextStep::Finish;
            }
            Order::Serve | Order::Stopping => {}
        }
        let deadline = match &mut state.phase {
            Phase::Idle(since) => Some(*since + self.timeouts.idle),
            Phase::Head(since) => Some(*since + self.timeouts.header),
            Phase::Exchange(exchange) => exchange.rate.deadline(self.timeouts.min_rate, now),
        };
        match deadline {
            Some(deadline) if deadline <= now => NextStep::Close,
            deadline => NextStep::Wait(deadline),
        }
    }

    fn order(&self, order: Order) {
        let waker = {
            let mut state = self.lock();
            state.order = order;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn in_exchange(&self, change: impl FnOnce(&mut Exchange, Instant)) {
        if let Phase::Exchange(exchange) = &mut self.lock().phase {
            change(exchange, Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
