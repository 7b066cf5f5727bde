package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor time in /proc on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// processorTime is what a process and, with family, its children have used, those that have ended included.
func processorTime(pid int, family bool) (time.Duration, error) {
	own, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	if !family {
		return own.used, nil
	}
	total := own.used + own.ended
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid {
			total += s.used + s.ended
		}
	}
	return total, nil
}

// stat is a part of /proc/<pid>/stat.
type stat struct {
	parent      int
	used, ended time.Duration // by itself, by children that have ended
}

func readStat(pid int) (stat, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("processor time is read from /proc, as Linux has it: %w", err)
	}
	return parseStat(content)
}

// parseStat begins behind the last parenthesis: a program's name may hold anything.
func parseStat(content []byte) (stat, error) {
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("/proc/<pid>/stat has %d fields", len(fields))
	}
	var numbers [15]int64
	for i, f := range fields[:15] {
		if i > 0 {
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return stat{}, fmt.Errorf("/proc/<pid>/stat: %w", err)
			}
			numbers[i] = n
		}
	}
	return stat{
		parent: int(numbers[1]),
		used:   time.Duration(numbers[11]+numbers[12]) * tick,
		ended:  time.Duration(numbers[13]+numbers[14]) * tick,
	}, nil
}

// memory is the resident size of a process, now and at its highest, in bytes.
func memory(pid int) (now, peak int64, err error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(content)) {
		var kilobytes int64
		switch {
		case strings.HasPrefix(line, "VmRSS:"):
			_, err = fmt.Sscanf(line, "VmRSS: %d kB", &kilobytes)
			now = kilobytes << 10
		case strings.HasPrefix(line, "VmHWM:"):
			_, err = fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes)
			peak = kilobytes << 10
		}
		if err != nil {
			return 0, 0, fmt.Errorf("/proc/<pid>/status: %w", err)
		}
	}
	return now, peak, nil
}
