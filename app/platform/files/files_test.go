package files_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/files"
)

func stores(t *testing.T) map[string]files.Store {
	t.Helper()
	disk, err := files.OpenDisk(filepath.Join(t.TempDir(), "files"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, disk.Close()) })
	return map[string]files.Store{"disk": disk, "memory": &files.Memory{}}
}

func TestAFileComesBackAsItWasPut(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, s.Put(t.Context(), "a/b/c.txt", "text/plain; charset=utf-8", strings.NewReader("first\nline")))
			require.NoError(t, s.Put(t.Context(), "a/b/c.txt", "text/plain; charset=utf-8", strings.NewReader("second\nline")))
			f, info, err := s.Open(t.Context(), "a/b/c.txt")
			require.NoError(t, err)
			require.Equal(t, "text/plain; charset=utf-8", info.ContentType)
			require.EqualValues(t, 11, info.Size)
			b, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, "second\nline", string(b))
			_, err = f.Seek(7, io.SeekStart)
			require.NoError(t, err)
			b, err = io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, "line", string(b))
			require.NoError(t, f.Close())

			require.NoError(t, s.Delete(t.Context(), "a/b/c.txt"))
			require.NoError(t, s.Delete(t.Context(), "a/b/c.txt"))
			_, _, err = s.Open(t.Context(), "a/b/c.txt")
			require.ErrorIs(t, err, files.ErrNotFound)
		})
	}
}

func TestKeysThatCouldLeaveTheFolderAreRefused(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		for _, key := range []string{"", "/etc/passwd", "../x", "a/../b", "a//b", "a/.hidden", ".new-x", `a\b`, "a/b\x00", "a/b\n", "a b", strings.Repeat("a/", 9) + "b"} {
			require.ErrorIs(t, s.Put(t.Context(), key, "text/plain", strings.NewReader("x")), files.ErrKey, "%s %q", name, key)
			_, _, err := s.Open(t.Context(), key)
			require.ErrorIs(t, err, files.ErrKey, "%s %q", name, key)
			require.ErrorIs(t, s.Delete(t.Context(), key), files.ErrKey, "%s %q", name, key)
		}
	}
}

func TestAnOversizedFileLeavesTheOldOne(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, s.Put(t.Context(), "k", "text/plain", strings.NewReader("old")))
			err := s.Put(t.Context(), "k", "text/plain", io.LimitReader(zeros{}, files.MaxSize+1))
			require.ErrorIs(t, err, files.ErrTooLarge)
			require.NoError(t, s.Put(t.Context(), "full", "text/plain", io.LimitReader(zeros{}, files.MaxSize)))
			f, _, err := s.Open(t.Context(), "k")
			require.NoError(t, err)
			b, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, "old", string(b))
			require.NoError(t, f.Close())
		})
	}
}

func TestABrokenUploadLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	disk, err := files.OpenDisk(folder)
	require.NoError(t, err)
	broken := errors.New("connection lost")
	err = disk.Put(t.Context(), "a/k", "text/plain", io.MultiReader(strings.NewReader("half"), failing{broken}))
	require.ErrorIs(t, err, broken)
	left, err := os.ReadDir(filepath.Join(folder, "a"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, disk.Close())
}

func TestASymbolicLinkDoesNotLeadOut(t *testing.T) {
	t.Parallel()
	folder, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("text/plain\nsecret"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(folder, "out")))
	disk, err := files.OpenDisk(folder)
	require.NoError(t, err)
	_, _, err = disk.Open(t.Context(), "out/secret")
	require.Error(t, err)
	require.Error(t, disk.Put(t.Context(), "out/new", "text/plain", strings.NewReader("x")))
	require.NoError(t, disk.Close())
}

func TestReadersNeverSeeAPart(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contents := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 100_000)}
			require.NoError(t, s.Put(t.Context(), "k", "text/plain", bytes.NewReader(contents[0])))
			var writers sync.WaitGroup
			failures := make([]error, 20)
			for i := range failures {
				writers.Go(func() { failures[i] = s.Put(t.Context(), "k", "text/plain", bytes.NewReader(contents[i%2])) })
			}
			for range 20 {
				f, _, err := s.Open(t.Context(), "k")
				require.NoError(t, err)
				b, err := io.ReadAll(f)
				require.NoError(t, err)
				require.True(t, bytes.Equal(b, contents[0]) || bytes.Equal(b, contents[1]))
				require.NoError(t, f.Close())
			}
			writers.Wait()
			require.NoError(t, errors.Join(failures...))
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
