package relevo

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"
)

// Failed says that this worker cannot serve, and why; then end the process.
func (w *Worker) Failed(ctx context.Context, reason string) error {
	if !w.Supervised() {
		return w.start.tell("STATUS=" + reason)
	}
	for len(reason) > longestText {
		runes := []rune(reason)
		reason = string(runes[:len(runes)-1])
	}
	return w.request(ctx, newPacket("FAILED").with("REASON", reason), nil)
}

// Leave asks to be drained, for a worker that somebody else is about to end.
func (w *Worker) Leave(ctx context.Context) error {
	return w.request(ctx, newPacket("LEAVE"), nil)
}

// Store leaves files with the supervisor for the later workers of this index, in the place of what is
// kept under the name. They stay the caller's as well.
func (w *Worker) Store(ctx context.Context, name string, files ...*os.File) error {
	return w.request(ctx, newPacket("STORE").with("NAME", name), files)
}

// StoreMore leaves files beside what is kept under the name.
func (w *Worker) StoreMore(ctx context.Context, name string, files ...*os.File) error {
	return w.request(ctx, newPacket("STORE").with("NAME", name).with("ADD", 1), files)
}

// Forget lets go of what is kept under the name.
func (w *Worker) Forget(ctx context.Context, name string) error {
	return w.request(ctx, newPacket("FORGET").with("NAME", name), nil)
}

// Take is the first file that an earlier worker of this index left under the name, which the caller
// owns; nil when there is none, or no more.
func (w *Worker) Take(name string) *os.File {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for place, each := range w.kept {
		if each.name == name {
			w.kept = append(w.kept[:place], w.kept[place+1:]...)
			return os.NewFile(uintptr(each.number), name)
		}
	}
	return nil
}

// Fetch asks again for all that is kept, also by this worker itself, for Take.
func (w *Worker) Fetch(ctx context.Context) error {
	if !w.Supervised() {
		return nil
	}
	answers, err := w.ask(ctx, newPacket("FETCH"), nil)
	if err != nil {
		return err
	}
	var fresh []kept
	for _, each := range answers {
		found, isStored := each.message.(stored)
		if !isStored || len(found.names) != len(each.descriptors) {
			drop(answers)
			return ErrMalformed
		}
		for place, name := range found.names {
			fresh = append(fresh, kept{name, each.descriptors[place]})
		}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, each := range w.kept {
		syscall.Close(each.number)
	}
	w.kept = fresh
	return nil
}

// A Target is the generation that a link leads to.
type Target string

// The generations that have a name: the newest one before the worker's own, the oldest one after it,
// and the one that has the new flows.
const (
	Older   Target = "older"
	Newer   Target = "newer"
	Current Target = "current"
)

// GenerationNumber is the generation with this number.
func GenerationNumber(number uint64) Target { return Target(strconv.FormatUint(number, 10)) }

// Link is a link to a worker of another generation, made by the supervisor. worker is the index
// there, below 0 for this one's own; the label is handed to the other side.
func (w *Worker) Link(ctx context.Context, to Target, worker int, label string) (*Link, error) {
	if !w.Supervised() {
		return nil, ErrUnsupported
	}
	asked := newPacket("LINK").with("TO", string(to))
	if worker >= 0 {
		asked.with("WORKER", worker)
	}
	if label != "" {
		asked.with("LABEL", label)
	}
	answers, err := w.ask(ctx, asked, nil)
	if err != nil {
		return nil, err
	}
	end, isLink := answers[0].message.(linkEnd)
	if !isLink || len(answers) != 1 || len(answers[0].descriptors) != 1 {
		drop(answers)
		return nil, ErrMalformed
	}
	return openLink(end, answers[0].descriptors[0])
}

func openLink(end linkEnd, number int) (*Link, error) {
	over, err := packetConn(number)
	if err != nil {
		syscall.Close(number)
		return nil, err
	}
	return newLink(over, end), nil
}

func (w *Worker) request(ctx context.Context, what *packet, files []*os.File) error {
	if !w.Supervised() {
		return nil
	}
	answers, err := w.ask(ctx, what, files)
	drop(answers)
	return err
}

func drop(answers []answer) {
	for _, each := range answers {
		closeAll(each.descriptors)
	}
}

// ask sends a request and waits for its answer, as long as ctx allows. A supervisor that was killed
// after it had taken the request has forgotten it: it is repeated.
func (w *Worker) ask(ctx context.Context, what *packet, files []*os.File) ([]answer, error) {
	w.mutex.Lock()
	if w.isOver {
		w.mutex.Unlock()
		return nil, ErrEnded
	}
	w.lastID++
	id := w.lastID
	numbered := &packet{verb: what.verb}
	numbered.with("ID", id).fields = append(numbered.fields, what.fields...)
	one := &outgoing{numbered.encoded(), files}
	if len(one.data) > longestPacket || len(files) > mostDescriptors {
		w.mutex.Unlock()
		return nil, errors.New("relevo: a request of more than 4096 bytes, or more than 32 files")
	}
	asked := &request{done: make(chan struct{})}
	w.asked[id] = asked
	w.enqueue(one)
	w.mutex.Unlock()

	again := time.NewTicker(repeatAfter)
	defer again.Stop()
	for {
		select {
		case <-asked.done:
			return asked.answers, asked.err
		case <-again.C:
			w.mutex.Lock()
			w.enqueue(one)
			w.mutex.Unlock()
		case <-ctx.Done():
			w.mutex.Lock()
			defer w.mutex.Unlock()
			delete(w.asked, id)
			w.dequeue(one)
			drop(asked.answers)
			return nil, ctx.Err()
		}
	}
}

func (w *Worker) enqueue(one *outgoing) {
	w.dequeue(one)
	w.waiting = append(w.waiting, one)
	w.changed.Broadcast()
}

func (w *Worker) dequeue(one *outgoing) {
	for place, each := range w.waiting {
		if each == one {
			w.waiting = append(w.waiting[:place:place], w.waiting[place+1:]...)
			return
		}
	}
}
