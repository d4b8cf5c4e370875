using SignerCluster.Host.Settings.Hocon;

namespace SignerCluster.Host.Settings;

/// <summary>A node's file laid over <c>hocon/reference.conf</c>, which is the only place with defaults and the list of all keys.</summary>
/// <param name="Values">What is in force, without the sections of roles that the node does not have.</param>
internal sealed record NodeFile(NodeSettings Settings, HoconObject Values)
{
    /// <summary>The section of the reference that the sections of roles are made of. Only there for that.</summary>
    internal const string Template = "each-role";

    /// <summary>Beside the program.</summary>
    internal static string ReferencePath { get; } = Path.Combine(AppContext.BaseDirectory, "hocon", "reference.conf");

    /// <summary>As <see cref="NodeSettings.Load"/>.</summary>
    internal static NodeFile Load(string path, Func<string, string?> environment) => Load(path, environment, new SettingsReading());

    internal static NodeFile Load(string path, Func<string, string?> environment, SettingsReading reading)
    {
        HoconObject reference = HoconDocument.Load(environment, ReferencePath);
        HoconObject merged = HoconDocument.Load(environment, ReferencePath, path);
        RefuseUnknown(merged, reference, string.Empty, reading);
        NodeSettings settings = new NodeSettingsReader(merged, new HoconOrigin(path, 1), reading).Read();
        RefuseOtherRoles(merged, settings.Roles, reading);
        return reading.Errors.Count == 0
            ? new NodeFile(settings, WithoutOthers(merged, settings.Roles))
            : throw new SettingsException(reading.Errors);
    }

    /// <summary>Everything in the sections of a role that was not written in the reference.</summary>
    private static void RefuseOtherRoles(HoconObject merged, IReadOnlyList<NodeRole> roles, SettingsReading reading)
    {
        // Without any role the missing ones are the mistake, and not what is set for them.
        foreach (NodeRole role in Enum.GetValues<NodeRole>().Where(role => roles.Count > 0 && !roles.Contains(role)))
        {
            string section = NameOf(role);
            foreach ((string key, HoconValue value) in Own(merged.Fields[section], section))
            {
                reading.Add(value.Origin, key, $"is for the role {section}, which node.roles does not have: the configuration of another role.");
            }
        }

        foreach ((string key, HoconValue value) in Own(merged.Fields[Template], Template))
        {
            reading.Add(value.Origin, key, $"may not be set: write it for the role, {NameOf(roles is [var first, ..] ? first : default)}{key[Template.Length..]}.");
        }
    }

    internal static string NameOf(NodeRole role) => role.ToString().ToLowerInvariant();

    private static HoconObject WithoutOthers(HoconObject merged, IReadOnlyList<NodeRole> roles)
    {
        OrderedDictionary<string, HoconValue> fields = new(merged.Fields, StringComparer.Ordinal);
        fields.Remove(Template);
        foreach (NodeRole role in Enum.GetValues<NodeRole>().Except(roles))
        {
            fields.Remove(NameOf(role));
        }

        return merged with { Fields = fields };
    }

    private static IEnumerable<(string Key, HoconValue Value)> Own(HoconValue value, string path) => value is HoconObject section
        ? section.Fields.SelectMany(field => Own(field.Value, $"{path}.{field.Key}"))
        : IsOfReference(value) ? [] : [(path, value)];

    private static bool IsOfReference(HoconValue value) => value.Origin.File == ReferencePath;

    private static void RefuseUnknown(HoconObject given, HoconObject known, string path, SettingsReading reading)
    {
        foreach ((string key, HoconValue value) in given.Fields)
        {
            string whole = path.Length == 0 ? key : $"{path}.{key}";
            if (!known.Fields.TryGetValue(key, out HoconValue? expected))
            {
                string meant = Spelling.Nearest(key, known.Fields.Keys.Where(static name => name != Template)) is { } near
                    ? $" Did you mean {(path.Length == 0 ? near : $"{path}.{near}")}?"
                    : $" Known here: {string.Join(", ", known.Fields.Keys.Where(static name => name != Template))}.";
                reading.Add(value.Origin, whole, $"no such key.{meant}");
            }
            else if (value is HoconObject inner && expected is HoconObject section)
            {
                RefuseUnknown(inner, section, whole, reading);
            }
        }
    }
}
