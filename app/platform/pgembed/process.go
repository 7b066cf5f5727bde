package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// process is the postmaster, our child.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// startProcess starts cmd on an OS thread that lives until it exits: the parent death signal is sent when the thread
// that forked ends, not when the process does.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = cmd.Wait() // how it ended is in the server's log
		close(p.exited)
	}()
	return p, <-started
}

// stop asks for a fast shutdown (sessions are ended, data is written), then for an immediate one.
func (p *process) stop(ctx context.Context) error {
	pid := p.cmd.Process.Pid
	gone := func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	}
	return stopServer(ctx, pid, gone)
}

// stopServer escalates until gone reports the end. The end of ctx cuts short only the wait for a clean shutdown.
func stopServer(ctx context.Context, pid int, gone func() bool) error {
	for _, way := range []struct {
		signal  os.Signal
		patient time.Duration
		hurry   <-chan struct{}
	}{{fastShutdown, stopTimeout, ctx.Done()}, {immediateShutdown, hardTimeout, nil}, {os.Kill, hardTimeout, nil}} {
		if gone() {
			return nil
		}
		if running, err := os.FindProcess(pid); err == nil {
			_ = running.Signal(way.signal) // a process that has just ended is about to be noticed
		}
		if await(gone, way.patient, way.hurry) {
			return nil
		}
	}
	return fmt.Errorf("stop embedded PostgreSQL: process %d does not end", pid)
}

func await(gone func() bool, patient time.Duration, hurry <-chan struct{}) bool {
	deadline := time.NewTimer(patient)
	defer deadline.Stop()
	ticker := time.NewTicker(readyPolling)
	defer ticker.Stop()
	for !gone() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			return gone()
		case <-hurry:
			return gone()
		}
	}
	return true
}

// stopOrphan ends a server that outlived its owner and removes what a killed one left, so that neither blocks the start.
// The caller holds the owner's lock, so no living process of ours answers for that server.
func (c *cluster) stopOrphan(ctx context.Context) error {
	name := filepath.Join(c.data(), "postmaster.pid")
	content, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid > 1 && serves(pid, c.data()) {
		c.log.InfoContext(ctx, "stopping an embedded PostgreSQL that outlived its program")
		if err := stopServer(ctx, pid, func() bool { return !serves(pid, c.data()) }); err != nil {
			return err
		}
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
