import Kernel
import TestKit

/// A server that others make, as its manual configures it, in a folder of its own.
struct RealServer {
    let folder: TemporaryFolder
    let command: [String]

    /// dnsmasq answers from its own data; it binds the wildcard addresses unless told otherwise.
    static func dnsmasq(_ binding: String) throws -> RealServer {
        try RealServer(
            configuration: """
                port=4433
                listen-address=127.0.0.1
                \(binding)
                no-resolv
                no-hosts
                address=/www.example.com/192.0.2.1
                user=root
                pid-file
                log-facility=-
                """
        ) { ["dnsmasq", "--keep-in-foreground", "--conf-file=\($0)"] }
    }

    /// unbound with two threads, each of which binds a socket of its own.
    static func unbound() throws -> RealServer {
        try RealServer(
            configuration: """
                server:
                    interface: 127.0.0.1@4433
                    do-daemonize: no
                    num-threads: 2
                    username: ""
                    chroot: ""
                    directory: "/"
                    pidfile: ""
                    use-syslog: no
                    module-config: "iterator"
                    local-zone: "example.com." static
                    local-data: "www.example.com. A 192.0.2.1"
                remote-control:
                    control-enable: no
                """
        ) { ["unbound", "-d", "-p", "-c", $0] }
    }

    /// named with two network threads.
    static func named(
        options: String = "recursion no; dnssec-validation no;"
    ) throws -> RealServer {
        try RealServer(
            configuration: """
                options {
                    directory "FOLDER";
                    pid-file none;
                    session-keyfile none;
                    lock-file none;
                    listen-on port 4433 { 127.0.0.1; };
                    listen-on-v6 { none; };
                    \(options)
                };
                controls { };
                zone "example.com" { type primary; file "zone"; };
                """,
            files: [
                "zone": """
                $TTL 60
                @ SOA ns.example.com. hostmaster.example.com. 1 60 60 60 60
                @ NS ns
                ns A 192.0.2.53
                www A 192.0.2.1

                """
            ]
        ) { ["named", "-g", "-n", "2", "-c", $0] }
    }

    /// nginx before the server at port 4500; `reuseport` gives each worker process a socket.
    static func nginx(_ parameters: String, processes: Int) throws -> RealServer {
        try RealServer(
            configuration: """
                load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                daemon off;
                user root;
                worker_processes \(processes);
                error_log stderr;
                pid FOLDER/private/nginx.pid;
                events { worker_connections 1024; }
                stream {
                    server {
                        listen 127.0.0.1:4433 udp\(parameters);
                        proxy_pass 127.0.0.1:4500;
                    }
                }
                """
        ) { ["nginx", "-e", "stderr", "-c", $0] }
    }

    /// A folder of which each generation is to see one of its own.
    var privateFolder: String { folder.file("private") }

    private init(
        configuration: String, files: [String: String] = [:], command: (String) -> [String]
    ) throws {
        folder = try TemporaryFolder()
        let path = folder.path
        try makeFolder(folder.file("private"))
        for (name, text) in files.merging(
            ["configuration": configuration], uniquingKeysWith: { $1 })
        {
            let text = text.split(separator: "FOLDER", omittingEmptySubsequences: false)
                .joined(separator: path)
            try writeFile(folder.file(name), Array((text + "\n").utf8))
        }
        self.command = command(folder.file("configuration"))
    }
}
