package files

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"sync"
	"time"
)

// Memory is a Store for tests. Its zero value is empty and ready.
type Memory struct {
	mu    sync.Mutex
	files map[string]memoryFile
}

type memoryFile struct {
	info    Info
	content []byte
}

// Put implements Store.
func (m *Memory) Put(ctx context.Context, key, contentType string, content io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	b, err := io.ReadAll(&limited{r: contextReader{ctx, content}, left: MaxSize})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string]memoryFile{}
	}
	m.files[key] = memoryFile{Info{ContentType: contentType, Size: int64(len(b)), ModifiedAt: time.Time{}}, b}
	return nil
}

// Open implements Store.
func (m *Memory) Open(_ context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.files[key]
	if !ok {
		return nil, Info{}, ErrNotFound
	}
	return readSeekCloser{bytes.NewReader(f.content)}, f.info, nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, key)
	return nil
}

type readSeekCloser struct{ *bytes.Reader }

func (readSeekCloser) Close() error { return nil }

func randomName() string { return rand.Text() }
