package auditing

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
)

// Routes registers the operations of auditing.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-audit-events", Method: http.MethodGet, Path: "/audit", Summary: "List who did what", Tag: "Audit",
		Description: "The newest first, of the whole organization or of one thing.", Permission: account.AuditRead,
	}, s.listEvents)
}

type listInput struct {
	web.PageInput
	SubjectType string    `query:"subject_type" maxLength:"50" doc:"Sort of thing, such as donation."`
	SubjectID   uuid.UUID `query:"subject_id" doc:"Id of the thing; needs subject_type."`
}

type listOutput struct {
	Body web.PageOf[eventView]
}

type eventView struct {
	ID          uuid.UUID       `json:"id"`
	At          time.Time       `json:"at"`
	ActorKind   actor.Kind      `json:"actor_kind" enum:"nobody,login,token,supporter,system"`
	ActorName   string          `json:"actor_name" doc:"Empty when the actor has no name, or no longer."`
	Action      string          `json:"action" example:"donation.recorded"`
	SubjectType string          `json:"subject_type"`
	SubjectID   uuid.UUID       `json:"subject_id"`
	Before      json.RawMessage `json:"before" doc:"What differs, as it was; null when there is nothing to say."`
	After       json.RawMessage `json:"after" doc:"What differs, as it is now; null when there is nothing to say."`
}

func (s *Service) listEvents(ctx context.Context, in *listInput) (*listOutput, error) {
	f := audit.Filter{SubjectType: in.SubjectType, SubjectID: in.SubjectID, Limit: in.Limit + 1}
	parts, err := web.DecodeCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		if f.Before, err = strconv.ParseInt(parts[0], 10, 64); err != nil || f.Before < 1 {
			return nil, web.ErrCursor
		}
	}
	lines, err := s.List(ctx, f)
	if err != nil {
		return nil, err
	}
	lines, more := web.Cut(lines, in.Limit)
	return &listOutput{web.PageBy(lines, more, viewOf, func(l audit.Line) string { return web.EncodeCursor(strconv.FormatInt(l.Seq, 10)) })}, nil
}

func viewOf(l audit.Line) eventView {
	return eventView{
		ID: l.ID, At: l.At, ActorKind: l.ActorKind, ActorName: l.ActorName, Action: l.Action, SubjectType: l.SubjectType,
		SubjectID: l.SubjectID, Before: l.Before, After: l.After,
	}
}
