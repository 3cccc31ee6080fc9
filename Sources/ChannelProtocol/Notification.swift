/// What one datagram to the notification socket says (sd_notify(3)).
///
/// Of a key given twice the first counts, as with systemd. A known key whose value cannot be
/// understood is in `malformed` and has no other effect.
package struct Notification: Equatable, Sendable {
    /// The longest datagram taken, systemd's own limit (PIPE_BUF).
    package static let longest = 4096

    /// READY=1: the worker serves.
    package var isReady = false
    /// RELOADING=1: the worker reads its configuration again and will say READY=1 after it.
    package var isReloading = false
    /// STOPPING=1: the worker has begun to end.
    package var isStopping = false
    /// STATUS=: one line for people, printable; empty takes the last one back.
    package var status: String?
    /// EXTEND_TIMEOUT_USEC=: the worker asks for this long from now for what it is doing.
    package var extendTimeout: Duration?
    /// WATCHDOG=1 or WATCHDOG=trigger.
    package var watchdog: WatchdogNotice?
    /// WATCHDOG_USEC=: the worker wants another watchdog interval from now on; zero is none.
    package var watchdogInterval: Duration?
    /// MAINPID=: always above zero.
    package var mainPID: Int32?
    /// ERRNO=: why the worker gives up, an errno(3) number above zero.
    package var errno: Int32?
    /// MONOTONIC_USEC=: when the worker said so, by CLOCK_MONOTONIC.
    package var monotonicTime: Duration?
    /// FDSTORE=1: keep the descriptors that came with the datagram.
    package var storesDescriptors = false
    /// FDSTOREREMOVE=1: forget the descriptors kept under `storedName`.
    package var removesStored = false
    /// FDNAME=: the name to keep or forget descriptors under: 1 to 255 printable ASCII, no colon.
    package var storedName: String?
    /// FDPOLL=0: do not drop a kept descriptor when it hangs up.
    package var keepsHungUp = false
    /// BARRIER=1: close the one descriptor that came once all before it has been handled.
    package var isBarrier = false
    /// Lines with other keys, in order.
    package var unknown: [NotificationField] = []
    /// Lines with a known key and a value that it cannot have, in order.
    package var malformed: [NotificationField] = []

    /// A notification that says nothing.
    package init() {}
}
