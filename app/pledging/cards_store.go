package pledging

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/fault"
	"tributary/domain/promise"
)

// errCard is what nobody should see: cards are found by rows that point to them.
var errCard = fault.NotFound("saved card")

func findCard(ctx context.Context, r database.Reader, card uuid.UUID) (promise.Card, error) {
	c, err := gorm.G[promise.Card](r.Gorm(ctx)).Where("id = ?", card).Take(ctx)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return c, errCard
	case err != nil:
		return c, fmt.Errorf("find saved card: %w", err)
	}
	return c, nil
}
