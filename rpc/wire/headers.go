package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"qgen-sidecar/internal/clip"
)

// readHeaders reads one header block and its body. Names are compared without
// case and blanks around the colon do not matter, as RFC 9112 readers do;
// other headers are passed over.
func (r *Reader) readHeaders() ([]byte, error) {
	length, err := r.headerBlock()
	if err != nil {
		return nil, err
	}
	if length > int64(r.max) {
		r.skip = length
		return nil, tooLong(r.max)
	}
	return r.body(int(length))
}

// headerBlock reads up to the blank line. A line that is no header spoils the
// block, unless a Content-Length follows: from there on it is the next message.
func (r *Reader) headerBlock() (int64, error) {
	length, bad, seen := int64(-1), "", false
	for {
		line, err := r.headerLine()
		if err != nil {
			return 0, err
		}
		if line == "" {
			switch {
			case !seen:
				continue // blank lines between messages
			case bad != "":
				return 0, &BadFrame{Reason: bad}
			case length < 0:
				return 0, &BadFrame{Reason: "header block without Content-Length"}
			}
			return length, nil
		}
		seen = true
		name, value, found := strings.Cut(line, ":")
		switch {
		case !found:
			bad = "expected a header line like \"Content-Length: 123\", found " + strconv.Quote(clip.Runes(line, 60))
		case strings.EqualFold(strings.TrimSpace(name), "Content-Length"):
			length, bad = parseLength(value)
		}
	}
}

func parseLength(value string) (length int64, bad string) {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 62)
	if err != nil {
		return -1, "Content-Length: expected a number of bytes, found " + strconv.Quote(clip.Runes(strings.TrimSpace(value), 60))
	}
	return int64(n), ""
}

// headerLine reads a line; of one longer than the buffer the start is kept.
func (r *Reader) headerLine() (string, error) {
	part, err := r.br.ReadSlice('\n')
	line := strings.TrimSpace(string(part[:min(len(part), 4096)]))
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.br.ReadSlice('\n')
	}
	if err != nil {
		return "", io.EOF
	}
	return line, nil
}

// body reads n bytes. Memory grows with what comes, not with what was promised.
func (r *Reader) body(n int) ([]byte, error) {
	if n <= blockSize {
		b := make([]byte, n)
		if _, err := io.ReadFull(r.br, b); err != nil {
			return nil, cutOff(n)
		}
		return b, nil
	}
	var buf bytes.Buffer
	if m, err := io.CopyN(&buf, r.br, int64(n)); err != nil {
		return nil, cutOff(n - int(m))
	}
	return buf.Bytes(), nil
}

func cutOff(missing int) error {
	return &BadFrame{Reason: "the input ended inside a message, " + strconv.Itoa(missing) + " bytes or more are missing"}
}
