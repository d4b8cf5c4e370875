using System.Text.RegularExpressions;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Compose;

/// <summary>Holds the compose file against itself, the image and the repository. Every finding names the service.</summary>
internal sealed partial class ComposeCheck(string text, ImageFile image, string repository)
{
    /// <summary>A cluster without a registry takes no covenant jobs, and is whole without it.</summary>
    private const string Registry = "SIGNER_REGISTRY_";
    private const string Made = "./artifacts/compose/";
    private readonly Yaml _root = Yaml.Parse(text);
    private readonly List<string> _findings = [];
    private readonly List<ComposeNode> _nodes = [];

    internal IReadOnlyList<string> Run()
    {
        foreach ((string name, Yaml service) in _root["services"].Fields)
        {
            CheckHardening(name, service);
            CheckReferences(name, service);
            if (!service["build"].IsMissing)
            {
                CheckNode(name, service);
            }
        }

        _findings.AddRange(new PartyCheck(_root, _nodes).Run());
        CheckDistinct("SIGNER_NODE_NAME");
        foreach (Match command in SignerCommand().Matches(text))
        {
            Expect(image.LauncherVerbs.Contains(command.Groups["verb"].Value), "header", $"the verb {command.Groups["verb"].Value} does not exist");
        }

        return _findings;
    }

    private void CheckHardening(string name, Yaml service)
    {
        Expect(service["read_only"].Text == "true", name, "its root file system can be written");
        Expect(service["cap_drop"].Texts is ["ALL"], name, "it keeps capabilities");
        Expect(service["security_opt"].Texts.Contains("no-new-privileges:true"), name, "it may gain privileges");
        Expect(NumericUser().IsMatch(service["user"].Text), name, "its user is not a number other than 0");
        Expect(service["healthcheck"]["test"].Texts is ["CMD", _, ..], name, "it has no health check");
        Expect(PinnedImage().IsMatch(service["image"].Text), name, $"its image {service["image"].Text} is not pinned");
    }

    private void CheckReferences(string name, Yaml service)
    {
        foreach ((string other, Yaml condition) in service["depends_on"].Fields)
        {
            Expect(
                !_root["services"][other]["healthcheck"].IsMissing && condition["condition"].Text == "service_healthy",
                name,
                $"it does not wait for a healthy {other}");
        }

        ExpectDeclared(name, "networks", PartyCheck.NetworksOf(service));
        ExpectDeclared(name, "secrets", service["secrets"].Texts);
        ExpectDeclared(name, "configs", service["configs"].Items.Select(static config => config["source"].Text));
        ExpectDeclared(
            name, "volumes", service["volumes"].Items.Where(static volume => volume["type"].Text == "volume").Select(static volume => volume["source"].Text));
        foreach (Yaml bind in service["volumes"].Items.Where(static volume => volume["type"].Text == "bind"))
        {
            string source = bind["source"].Text;
            Expect(bind["read_only"].Text == "true", name, $"it can write to {source}");
            Expect(bind["bind"]["create_host_path"].Text == "false", name, $"a missing {source} would be made as a folder");
            ExpectMade(name, source);
        }

        foreach (string path in ServerPaths(service))
        {
            Expect(
                TargetsOf(service).Any(target => path == target || path.StartsWith(target + "/", StringComparison.Ordinal)),
                name,
                $"nothing is mounted at {path}");
        }
    }

    private void CheckNode(string name, Yaml service)
    {
        Expect(service["user"].Text == image.User, name, $"its user is not that of the image, {image.User}");
        if (service["command"].Texts is not ["node", "--config", string config] || Path.GetDirectoryName(config) != $"{image.Folder}/hocon"
            || !File.Exists(Path.Combine(repository, "hocon", Path.GetFileName(config))))
        {
            _findings.Add($"{name}: it does not start a node with a file of hocon/");
            return;
        }

        Expect(image.Verbs.Contains("node"), name, "the verb node does not exist");
        HashSet<string> read = new(StringComparer.Ordinal);
        Dictionary<string, string> environment = service["environment"].Fields.ToDictionary(
            static field => field.Key, static field => field.Value.Text, StringComparer.Ordinal);
        try
        {
            NodeSettings settings = NodeSettings.Load(Path.Combine(repository, "hocon", Path.GetFileName(config)), variable =>
            {
                read.Add(variable);
                return environment.GetValueOrDefault(variable);
            });
            CheckSettings(name, service, settings);
            _nodes.Add(new ComposeNode(name, service, settings));
        }
        catch (SettingsException refused)
        {
            _findings.AddRange(refused.Errors.Select(error => $"{name}: {error.Key}: {error.Rule}"));
        }

        _findings.AddRange(read.Except(environment.Keys).Where(static variable => !variable.StartsWith(Registry, StringComparison.Ordinal)).Select(variable => $"{name}: {variable} is read and not set"));
        _findings.AddRange(environment.Keys.Except(read).Select(variable => $"{name}: {variable} is set and nobody reads it"));
    }

    private void CheckSettings(string name, Yaml service, NodeSettings settings)
    {
        RoleSettings role = settings.Participant ?? (RoleSettings?)settings.Coordinator!;
        string[] health = [.. service["healthcheck"]["test"].Texts.Skip(1)];
        Expect(
            health is ["dotnet", string program, string verb, "--url", string url] && program == image.Program && image.Verbs.Contains(verb)
                && new Uri(url).Port == settings.Http.Listen.Port,
            name,
            "its health check asks another program or port");
        Expect(
            service["ports"].Texts.All(
                port => port.StartsWith("127.0.0.1:", StringComparison.Ordinal) && port.EndsWith($":{settings.Http.Listen.Port}", StringComparison.Ordinal)),
            name,
            "it publishes another port, or to others than this machine");
        Expect(role.Database.UsesTls, name, "it speaks without TLS outside of loopback");
        Expect(
            _root["services"][role.Database.Host]["healthcheck"]["test"].Texts.Contains($"{role.Database.Port}"),
            name,
            $"nothing listens at {role.Database.Host}:{role.Database.Port}");
        string[] targets = [.. TargetsOf(service)];
        string?[] files =
        [
            settings.RosterFile,
            settings.Http.TokenFile,
            role.IdentityFile,
            role.Database.PasswordFile,
            role.Database.CaFile,
            role.Tls.CertificateFile,
            role.Tls.KeyFile,
            role.Provider.Path,
        ];
        _findings.AddRange(files.Where(file => file is null || !targets.Any(target => file == target || Path.GetDirectoryName(file) == target))
            .Select(file => $"{name}: nothing is mounted at {file}"));
        _findings.AddRange(files.OfType<string>().Where(file => !Header.Contains(Path.GetFileName(file), StringComparison.Ordinal))
            .Select(file => $"{name}: the header does not say who makes {file}"));
        Expect(
            service["volumes"].Items.Single(static volume => volume["target"].Text.EndsWith("/secrets", StringComparison.Ordinal))["source"].Text.EndsWith(
                $"/secrets/{role.Party}", StringComparison.Ordinal),
            name,
            "it has the secrets of another party");
        Expect(
            settings.Name.StartsWith(role.Party + "-", StringComparison.Ordinal) && role.Database.User == $"signer_{role.Party}",
            name,
            "its name or its user is that of another party");
    }

    private string Header => text[..text.IndexOf("\nname:", StringComparison.Ordinal)];

    private static IEnumerable<string> TargetsOf(Yaml service) =>
        service["volumes"].Items.Concat(service["configs"].Items).Select(static mount => mount["target"].Text)
            .Concat(service["secrets"].Texts.Select(static secret => $"/run/secrets/{secret}"));

    /// <summary>The files that a server is told to read: by its command, its variables and its own configuration.</summary>
    private IEnumerable<string> ServerPaths(Yaml service) => service["build"].IsMissing
        ? service["command"].Texts.Concat(service["environment"].Fields.Select(static field => field.Value.Text))
            .Concat(service["configs"].Items.Select(config => _root["configs"][config["source"].Text]["content"].Text))
            .SelectMany(static words => RunPath().Matches(words).Select(static match => match.Value))
        : [];

    private void CheckDistinct(string variable)
    {
        string[] values = [.. _root["services"].Fields.Select(service => service.Value["environment"][variable].Text).Where(static value => value.Length > 0)];
        _findings.AddRange(
            values.CountBy(static value => value).Where(static value => value.Value > 1).Select(value => $"{variable}: {value.Key} is there twice"));
    }

    private void ExpectDeclared(string name, string kind, IEnumerable<string> used)
    {
        foreach (string one in used)
        {
            Expect(_root[kind].Fields.Any(declared => declared.Key == one), name, $"{kind} has no {one}");
            if (kind == "secrets")
            {
                ExpectMade(name, _root[kind][one]["file"].Text);
            }
        }
    }

    private void ExpectMade(string name, string source) => Expect(
        source.StartsWith(Made, StringComparison.Ordinal) && Header.Contains(source[Made.Length..].Split('/')[0], StringComparison.Ordinal),
        name,
        $"the header does not say who makes {source}");

    private void Expect(bool holds, string name, string finding)
    {
        if (!holds)
        {
            _findings.Add($"{name}: {finding}");
        }
    }

    [GeneratedRegex(@"^[1-9][0-9]*:[1-9][0-9]*$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex NumericUser();

    [GeneratedRegex(@"^[a-z./-]+:[0-9][0-9a-z.-]*$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex PinnedImage();

    [GeneratedRegex(@"/run/[A-Za-z0-9_./-]+", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RunPath();

    [GeneratedRegex(@"^#.*\./signer (?<verb>[a-z]+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex SignerCommand();
}
