using System.Net;
using Akka.Configuration.Hocon;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Policies;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Trust;

namespace SignerCluster.Host.Settings;

/// <summary>Turns a node's configuration into records. Every key of the reference is read here, and no other.</summary>
internal sealed class NodeSettingsReader(HoconObject values, SettingsReading reading)
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    /// <summary>What breaks a rule is noted in the reading; the records count only without errors.</summary>
    internal NodeSettings Read()
    {
        SettingsSection root = new(values, string.Empty, reading);
        SettingsSection node = root.Section("node");
        IReadOnlyList<NodeRole> roles = node.Choices<NodeRole>("roles");
        Profile profile = Profile.Parse(node.Text("profile", "production or development", static text => text is "production" or "development"), out _);
        ParticipantRoleSettings? participant = roles.Contains(NodeRole.Participant) ? ReadParticipant(root.Section("participant"), profile) : null;
        CoordinatorRoleSettings? coordinator = roles.Contains(NodeRole.Coordinator) ? ReadCoordinator(root.Section("coordinator"), profile) : null;
        if (participant is not null && participant.Party.Length > 0 && participant.Party == coordinator?.Party)
        {
            root.Section("coordinator").Refuse("party", $"is that of the participant too, '{participant.Party}'; each role needs a party of its own.");
        }

        return new NodeSettings(
            node.Text("name", "1..64 of a-z 0-9 -, a letter first", static text => IsName(text, 64)),
            roles,
            node.FilePath("roster-file"),
            profile,
            ReadHttp(root.Section("http")),
            root.Section("log").Choice<LogLevel>("level"),
            participant,
            coordinator,
            AkkaSection.Read(reading));
    }

    private static NodeHttpSettings ReadHttp(SettingsSection http)
    {
        NodeHttpSettings settings = new(http.Listen("listen"), http.OptionalFilePath("token-file"), new HttpLimits
        {
            Connections = http.Count("connections", 1, 65_536),
            Headers = http.Duration("headers-timeout", _second, _hour),
            Body = http.Duration("body-timeout", _second, _hour),
            Answer = http.Duration("answer-timeout", _second, _hour),
            Stop = http.Duration("stop-grace", TimeSpan.Zero, _hour),
        });
        if (!IPAddress.IsLoopback(settings.Listen.Address) && settings.TokenFile is null)
        {
            http.Refuse("token-file", $"is required, because {settings.Listen} can be reached from outside this machine.");
        }

        return settings;
    }

    private static ParticipantRoleSettings ReadParticipant(SettingsSection section, Profile profile)
    {
        SettingsSection sessions = section.Section("sessions");
        return new ParticipantRoleSettings(ReadRole(section, profile), section.Section("links").Addresses("coordinators", least: 1), new NonceVaultSettings
        {
            ExpireAfter = sessions.Duration("nonce-expire-after", _second, _day),
            Capacity = sessions.Count("nonce-capacity", 1, 10_000_000),
        });
    }

    private static CoordinatorRoleSettings ReadCoordinator(SettingsSection section, Profile profile)
    {
        SettingsSection seats = section.Section("seats");
        return new CoordinatorRoleSettings(
            ReadRole(section, profile),
            section.Section("links").Listen("listen"),
            new SeatAskSettings
            {
                AnswerTimeout = seats.Duration("answer-timeout", 10 * _tick, 10 * _minute),
                FirstPause = seats.Duration("first-pause", _tick, _minute),
                LongestPause = seats.Duration("longest-pause", _tick, _hour),
                SparePause = seats.Duration("spare-pause", TimeSpan.Zero, _minute),
            })
        {
            Registry = RegistrySection.Read(section.Section("registry")),
        };
    }

    private static RoleSettings ReadRole(SettingsSection section, Profile profile)
    {
        SettingsSection signing = section.Section("signing");
        SettingsSection payments = section.Section("payments");
        SettingsSection sessions = section.Section("sessions");
        SettingsSection waker = section.Section("waker");
        SettingsSection tls = section.Section("tls");
        return new RoleSettings(
            section.Text("party", "1..32 of a-z 0-9 -, a letter first, as the roster names it", static text => IsName(text, 32)),
            section.FilePath("identity-file"),
            ReadDatabase(section.Section("database")),
            new TlsSettings(tls.FilePath("certificate-file"), tls.FilePath("key-file")),
            ReadNodes(section.Section("nodes")),
            ReadLinks(section.Section("links")),
            ReadProvider(section.Section("keys").Section("provider"), profile),
            ReadKeys(section.Section("keys")),
            new SigningPolicy
            {
                AllowRaw = signing.Flag("allow-raw"),
                AllowPartialSighash = signing.Flag("allow-partial-sighash"),
                PaymentLimits = new PaymentLimits(
                    payments.Whole("maximum-fee", 0, TxOut.MaximumAmountSat),
                    payments.Whole("maximum-fee-rate", 0, TxOut.MaximumAmountSat),
                    payments.Count("maximum-inputs", 1, 100_000)),
            },
            new WakerSettings
            {
                Period = waker.Duration("period", 100 * _tick, _hour),
                PageLength = waker.Count("page-length", 1, 10_000),
                PagePause = waker.Duration("page-pause", _tick, _minute),
            },
            sessions.Duration("expire-after", _second, 365 * _day),
            sessions.Duration("stop-grace", TimeSpan.Zero, _hour))
        {
            PolicyFile = ReadPolicy(section.Section("policy")),
        };
    }

    /// <summary>The file is read here too, so that what is wrong in it is told with the key that names it.</summary>
    private static string? ReadPolicy(SettingsSection policy)
    {
        string? path = policy.OptionalFilePath("file");
        try
        {
            _ = path is { Length: > 0 } ? SpendingPolicies.Load(path) : null;
        }
        catch (DataDirectoryException fault)
        {
            policy.Refuse("file", $"names a file that cannot be used. {fault.Message}");
        }

        return path;
    }

    private static PartyNodesSettings ReadNodes(SettingsSection nodes)
    {
        IPEndPoint listen = nodes.Listen("listen");
        DnsEndPoint address = nodes.Has("address") ? nodes.Address("address") : new DnsEndPoint(listen.Address.ToString(), listen.Port);
        IReadOnlyList<DnsEndPoint> all = nodes.Addresses("all", least: 0);
        if (all.Count > 0 && !all.Contains(address))
        {
            nodes.Refuse("all", $"names the party's nodes but not this one, {address.Host}:{address.Port}.");
        }

        if (all.Count > 1 && listen.Port == 0)
        {
            nodes.Refuse("listen", "needs a port of its own where the party has several nodes: they could not find this one.");
        }

        return new PartyNodesSettings(listen, address, all.Count == 0 ? [address] : all);
    }

    private static LinkSettings ReadLinks(SettingsSection links)
    {
        TimeSpan answerTimeout = links.Duration("answer-timeout", 100 * _tick, 10 * _minute);
        TimeSpan clockSkew = links.Duration("clock-skew", TimeSpan.Zero, 10 * _minute);
        LinkLimits limits = new()
        {
            ClockSkew = clockSkew,
            AnswerTimeout = answerTimeout,
            Window = links.Count("window", 1, 65_536),
            MaximumFrameBytes = links.Bytes("maximum-frame", 64 * 1024, 64 * 1024 * 1024),
            Keepalive = links.Duration("keepalive", _second, _minute),
            KeepaliveTimeout = links.Duration("keepalive-timeout", _second, _minute),
            FirstPause = links.Duration("first-pause", 10 * _tick, _minute),
            LongestPause = links.Duration("longest-pause", 10 * _tick, _hour),
        };
        MessageSettings messages = new()
        {
            Lifetime = links.Duration("message-lifetime", _second, _hour),
            GatherTime = links.Duration("gather-time", TimeSpan.Zero, _second),
            ClockSkew = clockSkew,
        };
        if (messages.Lifetime < answerTimeout)
        {
            links.Refuse("message-lifetime", "must not be shorter than answer-timeout: a request would expire while its answer is waited for.");
        }

        if (messages.GatherTime > answerTimeout / 10)
        {
            links.Refuse(
                "gather-time", "must not be longer than a tenth of answer-timeout: what gathers, on both ways, would be missing from the time for the answer.");
        }

        return new LinkSettings(limits, answerTimeout, messages);
    }

    private static DatabaseSettings ReadDatabase(SettingsSection database) => new(
        database.Host("host"),
        database.Port("port"),
        database.Text("name", "1..63 characters", static text => text.Length is > 0 and <= 63),
        database.Text("user", "1..63 characters", static text => text.Length is > 0 and <= 63),
        database.FilePath("password-file"),
        ReadTls(database),
        database.OptionalFilePath("ca-file"),
        database.Count("connections", 2, 1000),
        database.Duration("connect-timeout", _second, 10 * _minute),
        database.Duration("command-timeout", _second, 10 * _minute));

    /// <summary>Connections that leave the machine are never open.</summary>
    private static bool ReadTls(SettingsSection server)
    {
        TlsMode mode = server.Choice<TlsMode>("tls");
        bool isLoopback = server.Has("host") && IsLoopback(server.Host("host"));
        if (mode == TlsMode.Off && !isLoopback)
        {
            server.Refuse(
                "tls",
                "may be off only for a server on loopback: the password, and who signs what, would be seen on the way. "
                    + "Write verify, and name the authorities in ca-file.");
        }

        return mode == TlsMode.Verify || (mode == TlsMode.Auto && !isLoopback);
    }

    private static KeyProviderSettings ReadProvider(SettingsSection provider, Profile profile)
    {
        KeyProviderKind kind = provider.Choice<KeyProviderKind>("kind");
        string wanted = kind switch { KeyProviderKind.File => "path", KeyProviderKind.Env => "variable", _ => "arguments" };
        foreach (string other in ((string[])["path", "variable", "arguments"])
            .Where(key => key != wanted && (key == "arguments" ? provider.Texts(key).Count > 0 : provider.Has(key))))
        {
            provider.Refuse(other, $"is of no use to the kind {NameOf(kind)}, which needs {wanted}.");
        }

        IReadOnlyList<string> arguments = provider.Texts("arguments");
        if (kind == KeyProviderKind.Command && (arguments.Count == 0 || !Path.IsPathRooted(arguments[0])))
        {
            provider.Refuse("arguments", "must begin with the absolute path of the program.");
        }

        if (kind == KeyProviderKind.Env && profile == Profile.Production)
        {
            provider.Refuse("kind", "env is refused with node.profile = production: every child and every dump has the environment.");
        }

        return new KeyProviderSettings(
            kind,
            kind == KeyProviderKind.File ? provider.FilePath("path") : null,
            kind == KeyProviderKind.Env ? provider.Text("variable") : null,
            kind == KeyProviderKind.Command ? arguments : null,
            provider.Duration("timeout", _second, 5 * _minute));
    }

    private static KeyKeeperSettings ReadKeys(SettingsSection keys)
    {
        KeyKeeperSettings settings = new()
        {
            MessagesPerKey = keys.Whole("messages-per-key", 1, 1L << 32),
            MessagesPerReservation = keys.Whole("messages-per-reservation", 1, 1L << 32),
            BackgroundPeriod = keys.Duration("background-period", 10 * _tick, _day),
            RowsPerPeriod = keys.Count("rows-per-period", 1, 100_000),
            ProviderPause = keys.Duration("provider-pause", TimeSpan.Zero, _day),
        };
        if (settings.MessagesPerKey < settings.MessagesPerReservation)
        {
            keys.Refuse("messages-per-key", "must not be less than messages-per-reservation.");
        }

        return settings;
    }

    private static string NameOf(KeyProviderKind kind) => kind.ToString().ToLowerInvariant();

    private static bool IsName(string text, int longest) =>
        text.Length >= 1 && text.Length <= longest && char.IsAsciiLetterLower(text[0])
        && text.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private enum TlsMode
    {
        Auto,
        Off,
        Verify,
    }
}
