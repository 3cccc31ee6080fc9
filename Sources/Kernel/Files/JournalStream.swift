import Glibc

extension StandardStream {
    /// Whether it goes straight to systemd's journal (systemd.exec(5), $JOURNAL_STREAM): a variable
    /// that is inherited says nothing where the stream was redirected since.
    package var isJournal: Bool {
        guard let place = Environment.value(of: "JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(rawValue, &status) == 0 else { return false }
        return place == "\(status.st_dev):\(status.st_ino)"
    }
}
