//! Changes inputs a little.

use rand::{RngExt, rngs::StdRng};

/// Inputs grow no longer than this, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// What parsers trip over.
const TOKENS: &[&[u8]] = &[
    b"/",
    b"//",
    b"\\",
    b"..",
    b".",
    b"%",
    b"%2F",
    b"%5C",
    b"%00",
    b"%ff",
    b"%C0%AE",
    b"%252F",
    b"%",
    b"?",
    b"#",
    b"&",
    b"=",
    b";",
    b",",
    b":",
    b"@",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b"(",
    b")",
    b"<",
    b">",
    b"|",
    b"+",
    b"-",
    b"*",
    b" ",
    b"\t",
    b"\r\n",
    b"\n",
    b"\0",
    b"\x1b[2J",
    b"\x7f",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"0",
    b"-1",
    b"1e999",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"18446744073709551616",
    b"null",
    b"true",
    b"NaN",
    b"http:",
    b"https://evil.example",
    b"javascript:",
    b"xn--",
    b"::ffff:",
    b"%25",
    b"id=",
    b"__Host-id=",
    b"{ours}",
    b"{old}",
    b"next=",
    "\u{a0}".as_bytes(),
    "\u{ad}".as_bytes(),
    "\u{130}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{ff20}".as_bytes(),
    "\u{e0041}".as_bytes(),
    "\u{1f468}\u{200d}\u{1f469}".as_bytes(),
    "e\u{301}\u{301}".as_bytes(),
];

/// One to four changes to one of the inputs.
pub fn mutate(inputs: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut input = pick(inputs, random).clone();
    for _ in 0..random.random_range(1..=4) {
        change(&mut input, inputs, random);
    }
    input.truncate(MAX_LENGTH);
    input
}

fn change(input: &mut Vec<u8>, inputs: &[Vec<u8>], random: &mut StdRng) {
    let (start, end) = range(input.len(), random);
    match random.random_range(0..9) {
        0 => drop(input.splice(start..start, pick(TOKENS, random).iter().copied())),
        1 => drop(input.splice(start..end, pick(TOKENS, random).iter().copied())),
        2 => drop(input.drain(start..end)),
        3 => input.truncate(start),
        4 => repeat(input, start..end, random),
        5 => {
            let other = pick(inputs, random);
            let (from, to) = range(other.len(), random);
            input.splice(start..end, other[from..to].iter().copied());
        }
        6 => {
            let char: char = random.random();
            input.splice(start..start, char.to_string().into_bytes());
        }
        _ => match input.get_mut(start) {
            Some(byte) if random.random() => *byte = random.random(),
            Some(byte) => *byte ^= 1 << random.random_range(0..8),
            None => input.push(random.random()),
        },
    }
}

/// Repeats a part, sometimes often.
fn repeat(input: &mut Vec<u8>, part: std::ops::Range<usize>, random: &mut StdRng) {
    let times = if random.random_range(0..8) == 0 { 500 } else { random.random_range(1..4) };
    let piece = input[part.clone()].repeat(times);
    input.splice(part.end..part.end, piece.into_iter().take(MAX_LENGTH));
}

/// A part that is short more often than not.
fn range(length: usize, random: &mut StdRng) -> (usize, usize) {
    let start = random.random_range(0..=length);
    let most = if random.random() { length - start } else { (length - start).min(8) };
    (start, start + random.random_range(0..=most))
}

fn pick<'a, T>(choices: &'a [T], random: &mut StdRng) -> &'a T {
    &choices[random.random_range(0..choices.len())]
}
