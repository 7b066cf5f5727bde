// Package audit describes the append-only record of who did what to which thing, when, and what it was before.
package audit

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"tributary/domain/actor"
)

// Event is a state change as the use case that made it reports it. Who, when and for which organization are filled in when it is recorded.
//
// Before and After are small maps of what differs, in the wire's words and without secrets; nil when there is nothing to say.
type Event struct {
	Action      string // "donation.recorded"
	SubjectType string // "donation"
	SubjectID   uuid.UUID
	Before      any
	After       any
}

// Record is a stored event.
type Record struct {
	OrgID       uuid.UUID `gorm:"primaryKey"`
	ID          uuid.UUID `gorm:"primaryKey"`
	Seq         int64     `gorm:"->"` // order within the organization, given by the database
	At          time.Time
	ActorKind   actor.Kind
	ActorID     *uuid.UUID
	Action      string
	SubjectType string
	SubjectID   uuid.UUID
	Before      Values `gorm:"type:jsonb"`
	After       Values `gorm:"type:jsonb"`
	RequestID   string
}

// TableName tells GORM the table.
func (Record) TableName() string { return "audit_events" }

// Line is a record with the name of who acted, for people to read. The name is empty when the actor has none, or no longer.
type Line struct {
	Record
	ActorName string
}

// Filter says which records to list; the zero value lists all.
type Filter struct {
	SubjectType string
	SubjectID   uuid.UUID
	Before      int64 // only records with a smaller Seq; zero starts at the newest
	Limit       int
}

// Values is one side of a change as JSON; nil when there was nothing to say.
type Values = json.RawMessage
