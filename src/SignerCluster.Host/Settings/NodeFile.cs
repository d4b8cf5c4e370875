using Akka.Configuration.Hocon;

namespace SignerCluster.Host.Settings;

/// <summary>A node's file laid over <c>hocon/reference.conf</c>, which is the only place with defaults and the list of all keys.</summary>
/// <param name="InForce">Without the sections of roles that the node does not have.</param>
internal sealed record NodeFile(NodeSettings Settings, HoconFile InForce)
{
    /// <summary>The section of the reference that the sections of roles are laid over. Only there for that.</summary>
    internal const string Template = "each-role";

    private static readonly NodeRole[] _roles = Enum.GetValues<NodeRole>();

    /// <summary>Beside the program.</summary>
    internal static string ReferencePath { get; } = Path.Combine(AppContext.BaseDirectory, "hocon", "reference.conf");

    /// <summary>As <see cref="NodeSettings.Load"/>.</summary>
    internal static NodeFile Load(string path, Func<string, string?> environment) => Check(new SettingsReading(path, HoconFile.Load(path, environment)));

    /// <summary>Throws <see cref="SettingsException"/> with all errors that are found.</summary>
    internal static NodeFile Check(SettingsReading reading)
    {
        HoconFile reference = HoconFile.Load(ReferencePath, static _ => null);
        foreach (NodeRole role in _roles)
        {
            reference.LayOver(NameOf(role), Template);
        }

        RefuseUnknown(reading.Own.Values, reference.Values, string.Empty, reading);
        HoconFile inForce = reading.Own.Over(reference);
        NodeSettings settings = new NodeSettingsReader(inForce.Values, reading).Read();
        RefuseOtherRoles(settings.Roles, reading);
        foreach (string section in _roles.Except(settings.Roles).Select(NameOf).Append(Template))
        {
            inForce.Values.Items.Remove(section);
        }

        return reading.Errors.Count == 0 ? new NodeFile(settings, inForce) : throw new SettingsException(reading.Errors);
    }

    internal static string NameOf(NodeRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Everything that the file sets in the section of a role that the node does not have.</summary>
    private static void RefuseOtherRoles(IReadOnlyList<NodeRole> roles, SettingsReading reading)
    {
        // Without any role the missing ones are the mistake, and not what is set for them.
        string[] others = [.. _roles.Where(role => roles.Count > 0 && !roles.Contains(role)).Select(NameOf)];
        foreach ((string key, _) in reading.Own.Leaves().Where(static leaf => !leaf.Value.IsObject()))
        {
            string section = key.Split('.')[0];
            if (section == Template)
            {
                reading.Add(key, $"may not be set: write it for the role, {NameOf(roles is [var first, ..] ? first : default)}{key[Template.Length..]}.");
            }
            else if (others.Contains(section))
            {
                reading.Add(key, $"is for the role {section}, which node.roles does not have: the configuration of another role.");
            }
        }
    }

    private static void RefuseUnknown(HoconObject given, HoconObject known, string path, SettingsReading reading)
    {
        string[] names = [.. known.Items.Keys.Where(static name => name != Template)];
        foreach ((string key, HoconValue value) in given.Items)
        {
            string whole = HoconFile.PathOf(path, key);
            if (!known.Items.TryGetValue(key, out HoconValue? expected))
            {
                string? near = Spelling.Nearest(key, names);
                string meant = near is null ? $"Known here: {string.Join(", ", names)}." : $"Did you mean {HoconFile.PathOf(path, near)}?";
                reading.Add(whole, $"no such key. {meant}");
            }
            else if (whole != AkkaSection.Name && value.GetObject() is { } inner && expected.GetObject() is { } section)
            {
                RefuseUnknown(inner, section, whole, reading);
            }
        }
    }
}
