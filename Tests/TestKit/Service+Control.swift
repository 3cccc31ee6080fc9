extension Service {
    /// The path of its control socket.
    package var control: String { folder.file("run/control") }
}
