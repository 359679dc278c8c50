//! A minimal HTTP/1.1 client with keep-alive: the load generator shares the cores with the server under test.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Initial buffer size; longer responses grow it.
const ROOM: usize = 64 * 1_024;

/// Maximum number of response headers.
const HEADERS: usize = 32;

/// A keep-alive connection.
pub(crate) struct Connection<S> {
    stream: S,
    received: Vec<u8>,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    head: &'a [u8],
    pub(crate) body: &'a [u8],
}

/// What has to be known of a head to read on.
struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            received: Vec::with_capacity(ROOM),
        }
    }

    /// Sends a request and reads the whole of its answer. After an error the connection is of no more use.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.received.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            self.read().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        let end = head.length + head.body;
        self.received
            .reserve(end.saturating_sub(self.received.len()));
        while self.received.len() < end {
            self.read().await?;
        }
        if self.received.len() > end {
            return Err(wrong("more bytes than the answer has"));
        }
        let (head_bytes, body) = self.received.split_at(head.length);
        Ok(Answer {
            status: head.status,
            head: head_bytes,
            body,
        })
    }

    async fn read(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl Answer<'_> {
    /// Its headers, in their order.
    pub(crate) fn headers(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        response
            .parse(self.head)
            .map_err(|error| wrong(&error.to_string()))?;
        let owned = |header: &httparse::Header<'_>| (header.name.to_owned(), header.value.to_vec());
        Ok(response.headers.iter().map(owned).collect())
    }
}

/// The head at the beginning of `received`; none while it is not all there.
fn head(received: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(received);
    let httparse::Status::Complete(length) = parsed.map_err(|error| wrong(&error.to_string()))?
    else {
        return Ok(None);
    };
    let status = response.code.unwrap_or(0);
    let given = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body = match given {
        Some(header) => std::str::from_utf8(header.value)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| wrong("a Content-Length that is no number"))?,
        None if matches!(status, 204 | 304) => 0,
        None => return Err(wrong("an answer without Content-Length")),
    };
    Ok(Some(Head {
        status,
        length,
        body,
    }))
}

fn wrong(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client makes of `pieces`, each of which is sent when the one before has been taken.
    async fn received(pieces: &[&[u8]]) -> io::Result<(u16, Vec<u8>)> {
        let (near, mut far) = tokio::io::duplex(ROOM);
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let server = async move {
            let mut request = [0; 5];
            far.read_exact(&mut request).await?;
            for piece in pieces {
                far.write_all(&piece).await?;
                tokio::task::yield_now().await;
            }
            io::Result::Ok(())
        };
        let mut client = Connection::new(near);
        let (answer, sent) = tokio::join!(client.exchange(b"GET /"), server);
        sent?;
        answer.map(|answer| (answer.status, answer.body.to_vec()))
    }

    #[tokio::test]
    async fn an_answer_is_whole_wherever_it_is_split() {
        const ANSWER: &[u8] =
            b"HTTP/1.1 201 Created\r\ncontent-length: 7\r\netag: \"x\"\r\n\r\nCreated";
        for at in 1..ANSWER.len() {
            let (first, rest) = ANSWER.split_at(at);
            let answer = received(&[first, rest]).await.expect("an answer");
            assert_eq!(answer, (201, b"Created".to_vec()), "split at {at}");
        }
        let bytes: Vec<&[u8]> = ANSWER.chunks(1).collect();
        assert_eq!(received(&bytes).await.expect("an answer").1, b"Created");
    }

    #[tokio::test]
    async fn an_answer_without_a_body_needs_no_length() {
        let answer = received(&[b"HTTP/1.1 204 No Content\r\n\r\n"]).await;
        assert_eq!(answer.expect("an answer"), (204, Vec::new()));
    }

    #[tokio::test]
    async fn a_short_or_a_long_answer_is_an_error() {
        let kind = async |answer: &[u8]| received(&[answer]).await.expect_err("no answer").kind();
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n".to_vec();
        for short in [
            b"".as_slice(),
            b"HTTP/1.1 200",
            &head,
            &[&head, &b"ab"[..]].concat(),
        ] {
            assert_eq!(kind(short).await, io::ErrorKind::UnexpectedEof);
        }
        let long = [&head, &b"abcd"[..]].concat();
        for wrong in [&long, b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), b"SSH-2.0\r\n"] {
            assert_eq!(kind(wrong).await, io::ErrorKind::InvalidData);
        }
    }

    #[tokio::test]
    async fn headers_keep_their_values() {
        let (near, mut far) = tokio::io::duplex(ROOM);
        far.write_all(b"HTTP/1.1 204 No Content\r\nVary: Accept\r\nx: 1\r\n\r\n")
            .await
            .expect("room");
        let mut client = Connection::new(near);
        let answer = client.exchange(b"GET /").await.expect("an answer");
        let headers = answer.headers().expect("headers");
        let expected = [("Vary", &b"Accept"[..]), ("x", b"1")];
        assert_eq!(
            headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_vec()))
        );
    }
}
