package relevo

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

func closeAll(descriptors []int) {
	for _, each := range descriptors {
		syscall.Close(each)
	}
}

// receive waits for a packet. Its descriptors are the caller's, also where there is an error. The
// bytes are nil for a packet beyond the limits; io.EOF is the end.
func receive(over *net.UnixConn, room, rights []byte) ([]byte, []int, error) {
	count, rightsCount, flags, _, err := over.ReadMsgUnix(room, rights)
	if errors.Is(err, syscall.ECONNRESET) {
		// Comes once, before what the other end sent.
		count, rightsCount, flags, _, err = over.ReadMsgUnix(room, rights)
	}
	descriptors := parseRights(rights[:max(rightsCount, 0)])
	if errors.Is(err, syscall.ECONNRESET) {
		err = io.EOF
	}
	if err != nil {
		return nil, descriptors, err
	}
	if flags&(syscall.MSG_TRUNC|syscall.MSG_CTRUNC) != 0 {
		return nil, descriptors, nil
	}
	return room[:count], descriptors, nil
}

func parseRights(rights []byte) []int {
	messages, err := syscall.ParseSocketControlMessage(rights)
	if err != nil {
		return nil
	}
	var found []int
	for i := range messages {
		if some, err := syscall.ParseUnixRights(&messages[i]); err == nil {
			found = append(found, some...)
		}
	}
	return found
}

func send(over *net.UnixConn, data []byte, files []*os.File) error {
	descriptors, err := numbers(files)
	if err != nil {
		return err
	}
	var rights []byte
	if len(descriptors) > 0 {
		rights = syscall.UnixRights(descriptors...)
	}
	_, _, err = over.WriteMsgUnix(data, rights, nil)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return ErrEnded
	}
	return err
}

// numbers leaves the files as they are; Fd() would make them blocking.
func numbers(files []*os.File) ([]int, error) {
	var found []int
	for _, file := range files {
		raw, err := file.SyscallConn()
		if err != nil {
			return nil, err
		}
		if err := raw.Control(func(number uintptr) { found = append(found, int(number)) }); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// packetConn makes a connection of a SOCK_SEQPACKET socket, and takes the descriptor over.
func packetConn(number int) (*net.UnixConn, error) {
	kind, err := syscall.GetsockoptInt(number, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil {
		return nil, os.NewSyscallError("getsockopt", err)
	}
	domain, err := syscall.GetsockoptInt(number, syscall.SOL_SOCKET, syscall.SO_DOMAIN)
	if err != nil || kind != syscall.SOCK_SEQPACKET || domain != syscall.AF_UNIX {
		return nil, errors.New("relevo: that is no channel")
	}
	file := os.NewFile(uintptr(number), "relevo")
	defer file.Close()
	made, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return made.(*net.UnixConn), nil
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
