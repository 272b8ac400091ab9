package quality

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const (
	// fewestChunkWords: below it is a page number or a word of a heading; "Notice
	// period: three months" has them and answers something.
	fewestChunkWords = 4
	// contentsLines and contentsShare: a table of contents is lines of titles with
	// page numbers that never fall, and little else. Prices fall.
	contentsLines = 4
	contentsShare = 0.6
	// noticeWords bounds a notice of rights: a longer text that has one says more.
	noticeWords = 60
)

var (
	// contentsLine is a title and a page number, with leaders or a gap between them.
	contentsLine = regexp.MustCompile(`^\s*\S.*?(?:[.·…_]{3,}|(?: [.·…]){3,}|\t|\s{3,})\s*(\d{1,4}|[ivxlc]{1,7})\s*$`)
	notice       = regexp.MustCompile(`(?i)all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati|alle rechten voorbehouden|©\s*\d{4}|copyright\s+(?:©|\(c\))?\s*\d{4}|intentionally left blank|absichtlich leer`)
)

// AnswersNothing is why a chunk answers no question that a reader would ask: it
// is next to empty, a table of contents, or a notice of rights; "" when none of
// these is plain. It is made to be sure rather than complete: lists, tables of
// numbers and short facts answer questions.
func AnswersNothing(chunk string) string {
	chunk = clip(chunk, chunkBytes)
	n := Length(chunk)
	if n < fewestChunkWords {
		return fmt.Sprintf("the chunk has %d words", n)
	}
	if entries, lines := contents(chunk); entries >= contentsLines && float64(entries) >= contentsShare*float64(lines) {
		return fmt.Sprintf("the chunk looks like a table of contents: %d of %d lines are titles with page numbers", entries, lines)
	}
	if found := notice.FindString(chunk); found != "" && n <= noticeWords {
		return fmt.Sprintf("the chunk looks like a notice of rights or a blank page (%q in %d words)", found, n)
	}
	return ""
}

// contents counts the lines of a text and those of a table of contents; none of
// these when a page number is below an earlier one.
func contents(text string) (entries, lines int) {
	last, falls := 0, false
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		lines++
		found := contentsLine.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		entries++
		if page, err := strconv.Atoi(found[1]); err == nil { // else roman, before or after the rest
			falls = falls || page < last
			last = page
		}
	}
	if falls {
		return 0, lines
	}
	return entries, lines
}

// chunkBytes bounds what is looked at of a chunk.
const chunkBytes = 1 << 16
