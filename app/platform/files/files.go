// Package files keeps uploaded and generated files outside the database. A key is a path of plain segments such as
// "campaigns/0197…/picture.webp"; who may read a file is decided by the feature that holds its key.
package files

import (
	"context"
	"io"
	"regexp"
	"strings"
	"time"

	"tributary/domain/fault"
)

// MaxSize is the greatest file a store takes.
const MaxSize int64 = 32 << 20

// Faults of files.
var (
	ErrNotFound = fault.NotFound("file")
	ErrTooLarge = fault.New(fault.KindInvalid, "file.too_large", "This file is larger than 32 MB.")
	ErrKey      = fault.New(fault.KindInvalid, "file.key", "This is not the name of a file.")
)

// Info says what is known of a stored file.
type Info struct {
	ContentType string
	Size        int64
	ModifiedAt  time.Time
}

// Store keeps files. Put replaces a file of the same key at once: readers see the old or the new one, never a part. Open reports
// ErrNotFound; its caller closes the reader, which is also an io.Seeker. Delete of a missing file is no error.
type Store interface {
	Put(ctx context.Context, key, contentType string, content io.Reader) error
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	Delete(ctx context.Context, key string) error
}

var segment = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,99}$`)

// checkKey refuses what could leave the store's folder or mean two things on two systems.
func checkKey(key string) error {
	parts := strings.Split(key, "/")
	if len(key) > 300 || len(parts) > 8 {
		return ErrKey.With("key")
	}
	for _, p := range parts {
		if !segment.MatchString(p) {
			return ErrKey.With("key")
		}
	}
	return nil
}

// limited reports ErrTooLarge instead of a silent end of file after MaxSize bytes.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLarge.With("file")
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, ErrTooLarge.With("file")
	}
	return n, err
}
