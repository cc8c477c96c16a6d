// Counts down how long one has to wait, on the page that says so, and tells when it is over.

const wait = document.querySelector("[data-wait]");
const left = wait.querySelector("span");
const over = document.querySelector("[role=status] > [hidden]");
const end = Date.now() + wait.dataset.wait * 1000;

const timer = setInterval(tick, 250); // so that no second is skipped
tick();

function tick() {
  const seconds = Math.ceil((end - Date.now()) / 1000);
  if (seconds > 0) {
    const text = remaining(seconds);
    if (left.textContent !== text) left.textContent = text;
  } else {
    clearInterval(timer);
    wait.hidden = true;
    over.hidden = false;
  }
}

// As the server words it.
function remaining(seconds) {
  const { second, seconds: unit, minutes } = wait.dataset;
  if (seconds === 1) return second;
  if (seconds < 60) return seconds + unit;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}${minutes}`;
}
