package pgembed

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// unpack extracts an npm tarball without its leading "package/" and restores the symlinks that npm cannot carry from the
// package's own list.
func unpack(tarball, dir string) error {
	in, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	zipped, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	archive := tar.NewReader(zipped)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := extract(root, entry, archive); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
	}
	return restoreSymlinks(root)
}

// extract writes one file below root, which refuses names that lead out of it.
func extract(root *os.Root, entry *tar.Header, content io.Reader) error {
	_, name, _ := strings.Cut(entry.Name, "/")
	if entry.Typeflag != tar.TypeReg || name == "" {
		return nil
	}
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if entry.Mode&0o100 != 0 || strings.HasPrefix(entry.Name, "package/native/bin/") {
		mode = 0o755
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, content); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

func restoreSymlinks(root *os.Root) error {
	list, err := root.ReadFile(filepath.Join("native", "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // Windows has none
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		target := filepath.FromSlash(l.Target)
		to, err := filepath.Rel(filepath.Dir(target), filepath.FromSlash(l.Source))
		if err != nil {
			return fmt.Errorf("pg-symlinks.json: %w", err)
		}
		if err := root.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := root.Symlink(to, target); err != nil {
			return fmt.Errorf("pg-symlinks.json: %w", err)
		}
	}
	return nil
}
