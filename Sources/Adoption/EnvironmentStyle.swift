/// A way of telling a worker its sockets through the environment.
package enum EnvironmentStyle: String, CaseIterable, Sendable {
    /// `LISTEN_FDS` and `LISTEN_FDNAMES` (sd_listen_fds(3)); `LISTEN_PID` is set in the child.
    case systemd
    /// `NGINX="3;4;"`, nginx's own binary upgrade.
    case nginx
    /// `SERVER_STARTER_PORT="127.0.0.1:53=3;[::1]:53=4"`, Server::Starter's.
    case serverStarter = "server-starter"
}
