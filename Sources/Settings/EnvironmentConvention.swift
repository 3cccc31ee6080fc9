/// A way, besides LISTEN_FDS, to tell a worker which descriptors it has got.
package enum EnvironmentConvention: String, CaseIterable, Hashable, Sendable {
    /// `NGINX=3;4;`
    case nginx
    /// `SERVER_STARTER_PORT=127.0.0.1:53=3;...`
    case serverStarter = "server-starter"

    /// `listen-fds` names what is always there and adds nothing.
    static func parse(_ text: String) throws(ValueError) -> EnvironmentConvention? {
        if text == "listen-fds" { return nil }
        if let style = EnvironmentConvention(rawValue: text) { return style }
        throw ValueError.unknownWord(
            text, what: "an environment style", of: ["listen-fds"] + allCases.map(\.rawValue))
    }
}
