//go:build unix

package pgembed

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// roomNeeded is what a shared server's directory may grow to before memory is the wrong place for it.
const roomNeeded = 1 << 30

// sharedDir is in memory when there is room.
func sharedDir(acct account) (string, error) {
	parent := "/tmp"
	var room syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &room); err == nil && room.Bavail*uint64(room.Bsize) > roomNeeded {
		parent = "/dev/shm"
	}
	dir := filepath.Join(parent, fmt.Sprintf("tributary-test-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	mode := os.FileMode(0o700)
	if acct.other() {
		mode = 0o755
	}
	return dir, os.Chmod(dir, mode)
}

func makePipe(name string) error { return syscall.Mkfifo(name, 0o600) }

// openAlive takes a share in the server of dir; without a watch at the other end it fails.
func openAlive(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "alive"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
}

func startDetached(name string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), name, args...) // outlives us
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

func (a account) give(name string) error {
	if !a.switched {
		return nil
	}
	return os.Lchown(name, int(a.uid), int(a.gid))
}
