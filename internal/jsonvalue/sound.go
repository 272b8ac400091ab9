package jsonvalue

import (
	"fmt"
	"unicode/utf8"
)

// What a value may be that travels to hosts. Python's json module stops at a
// nesting of about a thousand and at whole numbers of 4,300 digits, and takes no
// bytes that are not UTF-8: one such value would end a host's connection.
const (
	MaxDepth  = 900  // leaves room for the message around it
	MaxNumber = 1000 // characters of one number
)

// Unsound looks for what no host could read: a byte that is not UTF-8, arrays and
// objects nested deeper than depth, a number longer than MaxNumber characters.
// It returns where, and what was found; "" means that there is nothing. Data need
// not be JSON: whatever else is wrong with it is for the decoder to say.
func Unsound(data []byte, depth int) (offset int, found string) {
	if offset, found = NotUTF8(data); found != "" {
		return offset, found
	}
	open, number := 0, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			i, number = AfterString(data, i)-1, 0
		case c == '{' || c == '[':
			if open++; open > depth {
				return i, fmt.Sprintf("arrays and objects nested deeper than %d", depth)
			}
			number = 0
		case c == '}' || c == ']':
			open--
			number = 0
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
			if number++; number > MaxNumber {
				return i, fmt.Sprintf("a number of more than %d digits", MaxNumber)
			}
		default:
			number = 0
		}
	}
	return 0, ""
}

// NotUTF8 looks for the first byte that is not UTF-8; "" means that there is none.
func NotUTF8(data []byte) (offset int, found string) {
	if utf8.Valid(data) {
		return 0, ""
	}
	for {
		r, size := utf8.DecodeRune(data[offset:])
		if r == utf8.RuneError && size <= 1 {
			return offset, fmt.Sprintf("the byte 0x%02X, which is not UTF-8 (is the file in Latin-1 or UTF-16? save it as UTF-8)", data[offset])
		}
		offset += size
	}
}

// AfterString is the index behind the JSON string that starts at i.
func AfterString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}
