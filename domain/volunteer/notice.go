package volunteer

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/id"
)

// Notice is one act of staff that changed or cancelled shifts: whoever has a place in one of them, or waits, gets one mail about all of theirs.
type Notice struct {
	OrgID     uuid.UUID     `gorm:"primaryKey;type:uuid"`
	ID        id.ID[Notice] `gorm:"primaryKey;type:uuid"`
	Message   string        // of staff, in the mail
	By        *uuid.UUID    `gorm:"column:by_login"`
	CreatedAt time.Time
}

// TableName tells GORM the table.
func (Notice) TableName() string { return "shift_notices" }

// NoticeItem is what became of one shift, and who has to know: fixed when it happened, so that who signs up afterwards is not told.
type NoticeItem struct {
	OrgID       uuid.UUID     `gorm:"primaryKey;type:uuid"`
	NoticeID    id.ID[Notice] `gorm:"primaryKey;type:uuid"`
	ShiftID     id.ID[Shift]  `gorm:"primaryKey;type:uuid"`
	Cancelled   bool
	Differences []Difference `gorm:"serializer:json;type:jsonb"`
	SignUpIDs   Words        `gorm:"type:text[]"` // of whom to tell
}

// TableName tells GORM the table.
func (NoticeItem) TableName() string { return "shift_notice_items" }
