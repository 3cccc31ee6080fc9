package relevo

import (
	"syscall"
)

// write sends what there is, in the order in which it makes sense, and waits for room.
func (w *Worker) write() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for {
		var next *outgoing
		if len(w.waiting) > 0 {
			next = w.waiting[0]
			w.waiting = w.waiting[1:]
		} else {
			for _, verb := range []string{"READY", "SESSIONS", "DRAINED"} {
				if owed, isOwed := w.owed[verb]; isOwed && next == nil {
					next = &outgoing{data: owed.encoded()}
					delete(w.owed, verb)
				}
			}
		}
		if w.isOver {
			return
		}
		if next == nil {
			w.changed.Wait()
			continue
		}
		w.mutex.Unlock()
		// What the other end sent before its end is there still: the reader finds the end.
		_ = send(w.over, next.data, next.files)
		w.mutex.Lock()
	}
}

// read takes in what the supervisor says, until its end.
func (w *Worker) read() {
	room := make([]byte, longestPacket)
	rights := make([]byte, syscall.CmsgSpace(4*mostDescriptors))
	for {
		data, descriptors, err := receive(w.over, room, rights)
		w.mutex.Lock()
		for len(w.queue) >= mostEvents && !w.isOver {
			w.changed.Wait()
		}
		if err != nil || w.isOver {
			closeAll(descriptors)
			w.end()
			w.mutex.Unlock()
			return
		}
		w.handle(data, descriptors)
		w.mutex.Unlock()
	}
}

// end says that nobody will answer any more. What the worker has, it keeps.
func (w *Worker) end() {
	if w.isOver {
		return
	}
	w.isOver = true
	for id := range w.asked {
		w.answered(id, ErrEnded)
	}
	w.waiting = nil
	w.post(Ended{})
	w.changed.Broadcast()
}

func (w *Worker) handle(data []byte, descriptors []int) {
	if data == nil {
		closeAll(descriptors)
		return
	}
	id, hasID, message, broken := readMessage(data)
	if broken != nil || message == nil {
		closeAll(descriptors)
		if broken != nil && broken.id != 0 && w.asked[broken.id] != nil {
			w.answered(broken.id, ErrMalformed)
		}
		return
	}
	if !hasID {
		w.hear(message, descriptors)
		return
	}
	asked := w.asked[id]
	if asked == nil {
		closeAll(descriptors)
		return
	}
	isMore := false
	switch message := message.(type) {
	case refusal:
		closeAll(descriptors)
		w.answered(id, &Refused{message.code, message.reason})
		return
	case welcome:
		isMore = message.more
	case stored:
		isMore = message.more
	}
	asked.answers = append(asked.answers, answer{message, descriptors})
	if !isMore {
		w.answered(id, nil)
	} else if len(asked.answers) >= mostPackets {
		w.answered(id, ErrMalformed)
	}
}

func (w *Worker) answered(id uint64, err error) {
	asked := w.asked[id]
	delete(w.asked, id)
	if err != nil {
		drop(asked.answers)
		asked.answers, asked.err = nil, err
	}
	close(asked.done)
}

func (w *Worker) hear(message any, descriptors []int) {
	if end, isLink := message.(linkEnd); isLink && len(descriptors) == 1 {
		if link, err := openLink(end, descriptors[0]); err == nil {
			w.post(LinkOffered{link})
		}
		return
	}
	closeAll(descriptors)
	switch message := message.(type) {
	case drainNotice:
		event := Drain{}
		if message.isLimited {
			event.Deadline = deadlineAfter(message.left, &message.deadline)
		}
		w.post(event)
	case resumeNotice:
		w.post(Resume{})
	case stopNotice:
		w.post(Stop{deadlineAfter(message.left, nil)})
	case refusal:
		w.post(Refusal{message.code, message.reason})
	}
}

func (w *Worker) post(event Event) {
	w.queue = append(w.queue, event)
	w.changed.Broadcast()
}

// pump hands events to whoever reads them.
func (w *Worker) pump() {
	for {
		w.mutex.Lock()
		for len(w.queue) == 0 && !w.isShut {
			w.changed.Wait()
		}
		if w.isShut {
			for _, each := range w.queue {
				if offered, isLink := each.(LinkOffered); isLink {
					offered.Link.Close()
				}
			}
			w.mutex.Unlock()
			return
		}
		event := w.queue[0]
		w.queue = w.queue[1:]
		w.changed.Broadcast()
		w.mutex.Unlock()
		select {
		case w.events <- event:
		case <-w.shut:
			if offered, isLink := event.(LinkOffered); isLink {
				offered.Link.Close()
			}
			return
		}
	}
}
