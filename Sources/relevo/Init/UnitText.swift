/// The units of packaging/systemd, for where no package has put them; a test holds them equal.
enum UnitText {
    /// The file's name, that of a template: relevo@NAME is the service NAME.
    static let name = "relevo@.service"
    /// Where the package has this program.
    static let program = "/usr/bin/relevo"
    /// As whom services run unless their unit says otherwise.
    static let account = "relevo"

    /// The unit for a program elsewhere.
    static func running(_ program: String, _ unit: String) -> String {
        unit.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let equals = line.firstIndex(of: "="),
                line[equals...].hasPrefix("=\(self.program) ")
            else { return String(line) }
            return line[...equals] + program + line[equals...].dropFirst(1 + self.program.count)
        }.joined(separator: "\n")
    }

    /// For services of the system.
    static let system = """
        # Runs the service of /etc/relevo/NAME.conf as relevo@NAME; `relevo init` writes that file.
        #
        #   systemctl enable --now relevo@NAME
        #   systemctl reload relevo@NAME     another version takes over; fails, and the old one serves on,
        #                                    if the new one does not get ready
        #   systemctl restart relevo@NAME    another supervisor; the workers serve on and are taken over, and
        #                                    upgraded where their program on disk is another one by then
        #   systemctl stop relevo@NAME       drains, then ends every worker
        #
        # The server runs in this unit's sandbox, as the user `relevo` and without privileges. What it needs
        # besides is opened by a drop-in (systemctl edit relevo@NAME); most often:
        #
        #   [Service]
        #   User=dns                                        a user of its own
        #   AmbientCapabilities=CAP_NET_BIND_SERVICE        ports below 1024: both lines, added to CAP_BPF
        #   CapabilityBoundingSet=CAP_NET_BIND_SERVICE
        #   StateDirectory=dns                              a folder to write to, /var/lib/dns
        #   ReadWritePaths=/srv/zones                       others (ProtectSystem=strict)
        #   ProtectHome=read-only                           a program or files below /home
        #   MemoryDenyWriteExecute=no                       programs that compile as they run (LuaJIT, V8, Java)
        #   RestrictAddressFamilies=AF_PACKET               other sockets, added to those below
        #   SystemCallFilter=@setuid @chown                 system calls, added to those below
        #   PrivateDevices=no                               /dev/net/tun and other devices
        #
        # packaging/systemd/README.md has more, and `relevo init` writes what it can see.
        #
        #   systemd-analyze security --offline=yes relevo@.service

        [Unit]
        Description=%i, upgraded without loss by Relevo
        Documentation=man:relevo(1) man:relevo.conf(5)
        After=network.target nss-lookup.target
        # A supervisor that crashes is replaced at once, and its workers do not notice: many times a second
        # is no reason to give up. One that crashes at every start reaches this in a quarter of a minute, and
        # then its workers are ended too; 0 never gives up. One that says why it fails waits before the next
        # start, up to half a minute, and does not reach it.
        StartLimitIntervalSec=30s
        StartLimitBurst=100

        [Service]
        Type=notify
        NotifyAccess=main
        ExecStart=/usr/bin/relevo run --resume --config /etc/relevo/%i.conf --name %i
        ExecReload=/usr/bin/relevo upgrade %i --config /etc/relevo/%i.conf
        Restart=always
        RestartSec=100ms
        # Wrong usage, missing privileges, bad settings: another start mends none of them.
        RestartPreventExitStatus=64 77 78
        WatchdogSec=10s
        # A start that takes longer asks for more. A stop should not have to: systemd forgets at a daemon-reload
        # that it was asked. With StopDrainTimeout= of the settings above 30s this has to be half a minute more
        # than that. A reload, and a shutdown of the machine, have this alone.
        TimeoutStartSec=2min
        TimeoutStopSec=90s

        # Workers outlive their supervisor, over a crash and over `systemctl restart`; what it needs to take
        # them over lies in the fd store. The end of that store, at a stop, is the end of the workers.
        KillMode=process
        FileDescriptorStoreMax=2048
        # A worker that the kernel kills for want of memory is started again; the others serve on.
        OOMPolicy=continue
        RuntimeDirectory=relevo/%i
        RuntimeDirectoryPreserve=restart
        # The history of its handovers (relevo history); workers do not see it in STATE_DIRECTORY.
        StateDirectory=relevo/%i
        LimitNOFILE=65536
        # Sockets of a .socket unit stay as the living workers want them.
        NonBlocking=yes

        User=relevo
        AmbientCapabilities=CAP_BPF
        CapabilityBoundingSet=CAP_BPF
        NoNewPrivileges=yes
        UMask=0077
        ProtectSystem=strict
        ProtectHome=yes
        # Not PrivateTmp=, DynamicUser= and RemoveIPC=: a restart would take living workers' files away.
        # Not PrivateUsers=: it takes CAP_BPF away.
        PrivateMounts=yes
        PrivateDevices=yes
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectProc=invisible
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        SystemCallErrorNumber=EPERM
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallFilter=bpf
        # Answering the bind(2) of a server that knows nothing of this.
        SystemCallFilter=seccomp pidfd_getfd

        [Install]
        WantedBy=multi-user.target

        """

    /// For services of a user.
    static let user = """
        # Runs the service of ~/.config/relevo/NAME.conf in a session of its user, without root;
        # `relevo init --user-service` writes that file.
        #
        #   systemctl --user enable --now relevo@NAME
        #   systemctl --user reload relevo@NAME     another version takes over
        #   systemctl --user restart relevo@NAME    another supervisor; the workers serve on
        #   loginctl enable-linger                  the services of this user start at boot
        #
        # Without CAP_BPF flows cannot be remembered: the settings want Steering=stateless (or auto).

        [Unit]
        Description=%i, upgraded without loss by Relevo
        Documentation=man:relevo(1) man:relevo.conf(5)
        StartLimitIntervalSec=30s
        StartLimitBurst=100

        [Service]
        Type=notify
        NotifyAccess=main
        ExecStart=/usr/bin/relevo run --resume --config %E/relevo/%i.conf --name %i
        ExecReload=/usr/bin/relevo upgrade %i --config %E/relevo/%i.conf
        Restart=always
        RestartSec=100ms
        RestartPreventExitStatus=64 77 78
        WatchdogSec=10s
        TimeoutStartSec=2min
        TimeoutStopSec=90s
        KillMode=process
        FileDescriptorStoreMax=2048
        OOMPolicy=continue
        RuntimeDirectory=relevo/%i
        RuntimeDirectoryPreserve=restart
        NonBlocking=yes
        NoNewPrivileges=yes
        LockPersonality=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        SystemCallArchitectures=native

        [Install]
        WantedBy=default.target

        """
}
