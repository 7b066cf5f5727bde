package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Disk is a Store in one folder of this machine. The first line of each file is its content type.
type Disk struct{ root *os.Root }

// OpenDisk makes the folder when it is missing. Nothing outside it can be reached, not through symbolic links either.
func OpenDisk(folder string) (*Disk, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the files folder: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open the files folder: %w", err)
	}
	return &Disk{root: root}, nil
}

// Close lets go of the folder.
func (d *Disk) Close() error { return d.root.Close() }

// Put implements Store: the file is written beside its place, synced and renamed, so that a crash leaves the old one or the new one.
func (d *Disk) Put(ctx context.Context, key, contentType string, content io.Reader) (err error) {
	if err := checkKey(key); err != nil {
		return err
	}
	if _, _, err := mime.ParseMediaType(contentType); err != nil || strings.ContainsAny(contentType, "\r\n") {
		return fmt.Errorf("store file: content type: %w", err)
	}
	folder := path.Dir(key)
	if err := d.root.MkdirAll(filepath.FromSlash(folder), 0o700); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	temporary, f, err := d.create(folder)
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // closed already when the rename failed
			_ = d.root.Remove(temporary)
		}
	}()
	if _, err = io.WriteString(f, contentType+"\n"); err == nil {
		_, err = io.Copy(f, &limited{r: contextReader{ctx, content}, left: MaxSize})
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = d.root.Rename(temporary, filepath.FromSlash(key))
	}
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return d.syncFolder(folder)
}

// create opens a new file under a name no key can have: keys do not begin with a dot.
func (d *Disk) create(folder string) (string, *os.File, error) {
	for {
		name := filepath.Join(filepath.FromSlash(folder), ".new-"+randomName())
		f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
}

// syncFolder makes the rename itself survive a power cut.
func (d *Disk) syncFolder(folder string) error {
	f, err := d.root.Open(filepath.FromSlash(folder))
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return nil
}

// Open implements Store.
func (d *Disk) Open(_ context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	f, err := d.root.Open(filepath.FromSlash(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, ErrNotFound
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("open file: %w", err)
	}
	file, info, err := read(f)
	if err != nil {
		_ = f.Close()
		return nil, Info{}, fmt.Errorf("open file: %w", err)
	}
	return file, info, nil
}

func read(f *os.File) (*diskFile, Info, error) {
	stat, err := f.Stat()
	if err != nil {
		return nil, Info{}, err
	}
	head := make([]byte, 256)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, Info{}, err
	}
	contentType, _, found := strings.Cut(string(head[:n]), "\n")
	if stat.IsDir() || !found {
		return nil, Info{}, errors.New("it was not written by this store")
	}
	skip := int64(len(contentType) + 1)
	body := io.NewSectionReader(f, skip, stat.Size()-skip)
	return &diskFile{body, f}, Info{ContentType: contentType, Size: body.Size(), ModifiedAt: stat.ModTime().UTC()}, nil
}

type diskFile struct {
	*io.SectionReader
	file *os.File
}

func (f *diskFile) Close() error { return f.file.Close() }

// Delete implements Store.
func (d *Disk) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := d.root.Remove(filepath.FromSlash(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
