package stripesandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// database holds every object in memory and, with a path, in a log: one line of JSON for each transaction, written before the answer goes
// out. A process killed half-way through a line loses only a transaction that was never acknowledged. Opening the log compacts it.
type database struct {
	byID       map[string]entity
	byKind     map[string][]entity // oldest first
	byOwner    map[ownerKey][]entity
	seq        int64
	platformID string
	agenda     agenda
	// unsent are the events that some endpoint has not been told of yet.
	unsent    map[string]*Event
	log       *os.File
	size      int64  // of the log, in whole lines
	unwritten []byte // lines that could not be written yet
}

// change is one object in a line of the log: its new value, or its id when it is gone.
type change struct {
	Kind  string          `json:"kind,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
	Gone  string          `json:"gone,omitempty"`
}

func openDatabase(path string, now time.Time) (*database, error) {
	d := &database{byID: map[string]entity{}, byKind: map[string][]entity{}, byOwner: map[ownerKey][]entity{}, unsent: map[string]*Event{}}
	if path == "" {
		return d, nil
	}
	if err := d.read(path); err != nil {
		return nil, fmt.Errorf("read stripe sandbox state %s: %w", path, err)
	}
	if err := d.compact(path, now); err != nil {
		return nil, fmt.Errorf("write stripe sandbox state %s: %w", path, err)
	}
	d.agenda = agendaOf(d)
	for _, e := range d.byKind[kindEvent] {
		if event, ok := e.(*Event); ok && event.pending() > 0 {
			d.unsent[event.ID] = event
		}
	}
	return d, nil
}

func (d *database) read(path string) error {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	lines := bufio.NewReaderSize(f, 1<<16)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what follows the last newline was never acknowledged
		}
		if err != nil {
			return err
		}
		if err := d.apply(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}

func (d *database) apply(line []byte) error {
	var changes []change
	if err := json.Unmarshal(line, &changes); err != nil {
		return err
	}
	for _, c := range changes {
		if c.Gone != "" {
			d.remove(c.Gone)
			continue
		}
		e := newEntity(c.Kind)
		if e == nil {
			return fmt.Errorf("unknown kind %q", c.Kind)
		}
		if err := json.Unmarshal(c.Value, e); err != nil {
			return fmt.Errorf("%s: %w", c.Kind, err)
		}
		d.put(e)
	}
	return nil
}

// put stores e, replacing an object of the same id in its place.
func (d *database) put(e entity) {
	r := e.row()
	d.seq = max(d.seq, r.Seq)
	if account, ok := e.(*Account); ok && account.Platform {
		d.platformID = account.ID
	}
	old, replaces := d.byID[r.ID]
	d.byID[r.ID] = e
	if !replaces {
		d.byKind[r.Object] = append(d.byKind[r.Object], e)
	} else if old != e {
		d.disown(old)
		rows := d.byKind[r.Object]
		at, _ := d.position(rows, old)
		rows[at] = e
	}
	d.own(e)
}

func (d *database) remove(id string) {
	e, ok := d.byID[id]
	if !ok {
		return
	}
	delete(d.byID, id)
	d.disown(e)
	kind := e.row().Object
	at, _ := d.position(d.byKind[kind], e)
	d.byKind[kind] = slices.Delete(d.byKind[kind], at, at+1)
}

// position is where e stands, or would stand, among rows in their order.
func (d *database) position(rows []entity, e entity) (at int, found bool) {
	return slices.BinarySearchFunc(rows, e.row().Seq, func(row entity, seq int64) int { return int(row.row().Seq - seq) })
}

// forget drops what Stripe, too, no longer knows: answers after a day, events after thirty. So a sandbox that runs for years, be it by a
// test's clock, keeps the objects and not each word that was ever said of them.
func (d *database) forget(answers, events time.Time) {
	for kind, oldest := range map[string]int64{kindSaved: answers.Add(-keyLifetime).Unix(), kindEvent: events.Add(-eventLifetime).Unix()} {
		rows := d.byKind[kind]
		n := 0
		for n < len(rows) && rows[n].row().Created < oldest {
			delete(d.byID, rows[n].row().ID)
			delete(d.unsent, rows[n].row().ID)
			n++
		}
		clear(rows[:n])
		d.byKind[kind] = rows[n:]
	}
}

// compact replaces the log by one that holds each object once, and opens it for appending.
func (d *database) compact(path string, now time.Time) error {
	d.forget(now, now)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary := path + ".new"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	for _, rows := range d.byKind {
		for _, e := range rows {
			line, err := encodeChanges([]entity{e}, nil)
			if err != nil {
				return errors.Join(err, f.Close())
			}
			_, _ = w.Write(line) // Flush reports it
		}
	}
	if err := errors.Join(w.Flush(), f.Sync(), os.Rename(temporary, path)); err != nil {
		return errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	d.log, d.size = f, info.Size()
	return nil
}

// write appends one transaction to the log. What a full disk refuses is taken back and tried again with the next transaction, so that the
// log never has a broken line in its middle.
func (d *database) write(changed []entity, gone []string) error {
	if d.log == nil {
		return nil
	}
	line, err := encodeChanges(changed, gone)
	if err != nil {
		return err
	}
	d.unwritten = append(d.unwritten, line...)
	n, err := d.log.Write(d.unwritten)
	if err != nil {
		return errors.Join(err, d.log.Truncate(d.size))
	}
	d.size += int64(n)
	d.unwritten = d.unwritten[:0]
	return nil
}

func encodeChanges(changed []entity, gone []string) ([]byte, error) {
	changes := make([]change, 0, len(changed)+len(gone))
	for _, e := range changed {
		value, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change{Kind: e.row().Object, Value: value})
	}
	for _, id := range gone {
		changes = append(changes, change{Gone: id})
	}
	var line bytes.Buffer
	err := json.NewEncoder(&line).Encode(changes) // ends with the newline that marks the line as whole
	return line.Bytes(), err
}

func (d *database) close() error {
	if d.log == nil {
		return nil
	}
	err := d.log.Close()
	d.log = nil
	return err
}
