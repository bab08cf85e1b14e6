//! An HTTP/1.1 client that does as little as possible, so that what is measured is the server: it sends bytes that
//! were prepared beforehand over a connection that stays open, and reads one answer.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::TcpStream;
use std::ops::Range;

/// A connection that is kept from request to request.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Where the parts of an answer are in the buffer.
struct Answer {
    ok: bool,
    body: Vec<Range<usize>>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<()> {
        self.answer(request).map(|_| ())
    }

    /// As [`exchange`](Self::exchange), with the answer's body.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        let answer = self.answer(request)?;
        Ok(answer
            .body
            .into_iter()
            .filter_map(|part| self.buffer.get(part))
            .flatten()
            .copied()
            .collect())
    }

    fn answer(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut piece = [0; 16 << 10];
        loop {
            if let Some(answer) = parse(&self.buffer)? {
                return if answer.ok { Ok(answer) } else { Err(invalid(&self.buffer)) };
            }
            match self.stream.read(&mut piece)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => self.buffer.extend(piece.iter().take(read)),
            }
        }
    }
}

/// A request with a JSON body.
pub(crate) fn post(address: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request without a body.
pub(crate) fn get(address: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
}

/// The answer, or nothing while it is not complete.
fn parse(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = bytes.get(..end).and_then(|head| std::str::from_utf8(head).ok());
    let head = head.ok_or_else(|| invalid(bytes))?;
    let ok = head.starts_with("HTTP/1.1 200 ");
    let header = |wanted: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim())
    };
    let start = end + 4;
    if header("transfer-encoding") == Some("chunked") {
        return Ok(chunks(bytes, start)?.map(|body| Answer { ok, body }));
    }
    let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
    let end = start + length.ok_or_else(|| invalid(bytes))?;
    Ok((bytes.len() >= end).then(|| Answer { ok, body: std::iter::once(start..end).collect() }))
}

fn chunks(bytes: &[u8], mut at: usize) -> Result<Option<Vec<Range<usize>>>> {
    let mut body = Vec::new();
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(line) = find(rest, b"\r\n") else { return Ok(None) };
        let size = rest.get(..line).and_then(|size| std::str::from_utf8(size).ok());
        let size = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let start = at + line + 2;
        at = start + size.ok_or_else(|| invalid(bytes))? + 2;
        if bytes.len() < at {
            return Ok(None);
        }
        if size == Some(0) {
            return Ok(Some(body));
        }
        body.push(start..at - 2);
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn invalid(bytes: &[u8]) -> Error {
    Error::new(ErrorKind::InvalidData, String::from_utf8_lossy(bytes).into_owned())
}
