namespace SignerCluster.Host.Settings.Hocon;

/// <summary>
/// Lays files over each other and makes the substitutions. A substitution sees the final value of its path, whatever file it stands in; inside of the value
/// of that very path it sees what was assigned before. What no file sets is looked up among the environment variables.
/// </summary>
internal sealed class HoconResolver
{
    // Far more than files of this product need; a file that doubles a value forty times must not take the machine down.
    private const int MaximumSteps = 200_000;
    private const int MaximumDepth = 100;
    private readonly IReadOnlyList<HoconSyntax> _files;
    private readonly Func<string, string?> _environment;
    private readonly Dictionary<string, int> _active = new(StringComparer.Ordinal);
    private readonly List<SettingsError> _errors = [];
    private int _steps;

    private HoconResolver(IReadOnlyList<HoconSyntax> files, Func<string, string?> environment)
    {
        _files = files;
        _environment = environment;
    }

    /// <summary>The later file is laid over the earlier ones. Throws <see cref="SettingsException"/> with every substitution that cannot be made.</summary>
    internal static HoconObject Resolve(IReadOnlyList<ObjectSyntax> files, Func<string, string?> environment)
    {
        HoconResolver resolver = new(files, environment);
        HoconValue? root = resolver.Evaluate(HoconPath.Root, files);
        return resolver._errors.Count == 0 ? (HoconObject)root! : throw new SettingsException([.. resolver._errors.Distinct()]);
    }

    private HoconValue? Evaluate(HoconPath path, IReadOnlyList<HoconSyntax> assigned)
    {
        (List<HoconSyntax> layers, HoconValue? other) = Layers(path, Visible(path, assigned));
        if (layers.Count == 0)
        {
            return other;
        }

        OrderedDictionary<string, HoconValue> fields = new(StringComparer.Ordinal);
        foreach (string key in layers.SelectMany(KeysOf).Distinct())
        {
            if (Evaluate(path.Append(key), Children(layers, key)) is { } value)
            {
                fields[key] = value;
            }
        }

        return new HoconObject(fields, layers[^1].Origin);
    }

    /// <summary>While the value of a path is being made, it is what was assigned before.</summary>
    private IReadOnlyList<HoconSyntax> Visible(HoconPath path, IReadOnlyList<HoconSyntax> assigned) =>
        _active.TryGetValue(path.Text, out int index) ? [.. assigned.Take(index)] : assigned;

    /// <summary>The objects that are merged, or the one value that is none; neither when nothing has a value.</summary>
    private (List<HoconSyntax> Objects, HoconValue? Other) Layers(HoconPath path, IReadOnlyList<HoconSyntax> assigned)
    {
        List<HoconSyntax> objects = [];
        for (int index = assigned.Count - 1; index >= 0; index--)
        {
            HoconSyntax syntax = assigned[index];
            HoconValue? value = syntax is ObjectSyntax ? null : EvaluateOne(path, index, syntax);
            if (syntax is ObjectSyntax)
            {
                objects.Insert(0, syntax);
            }
            else if (value is HoconObject)
            {
                objects.Insert(0, new KnownSyntax(value));
            }
            else if (value is not null)
            {
                return (objects, objects.Count == 0 ? value : null);
            }
        }

        return (objects, null);
    }

    private static IEnumerable<string> KeysOf(HoconSyntax layer) =>
        layer is ObjectSyntax written ? written.Fields.Keys : ((HoconObject)((KnownSyntax)layer).Value).Fields.Keys;

    private static List<HoconSyntax> Children(List<HoconSyntax> layers, string key)
    {
        List<HoconSyntax> children = [];
        foreach (HoconSyntax layer in layers)
        {
            if (layer is ObjectSyntax written)
            {
                children.AddRange(written.Fields.GetValueOrDefault(key) ?? []);
            }
            else if (((HoconObject)((KnownSyntax)layer).Value).Fields.TryGetValue(key, out HoconValue? value))
            {
                children.Add(new KnownSyntax(value));
            }
        }

        return children;
    }

    private HoconValue? EvaluateOne(HoconPath path, int index, HoconSyntax syntax)
    {
        if (++_steps > MaximumSteps || _active.Count > MaximumDepth)
        {
            throw new SettingsException(Error(syntax, path, "the substitutions that lead here are too many or too deep."));
        }

        bool isActive = _active.TryGetValue(path.Text, out int outer);
        _active[path.Text] = index;
        HoconValue? value = syntax switch
        {
            KnownSyntax known => known.Value,
            ReferenceSyntax reference => Refer(path, reference),
            ListSyntax list => EvaluateList(path, list),
            ConcatenationSyntax concatenation => Concatenate(path, concatenation),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (isActive)
        {
            _active[path.Text] = outer;
        }
        else
        {
            _active.Remove(path.Text);
        }

        return value;
    }

    private HoconList EvaluateList(HoconPath path, ListSyntax list) => new(
        [.. list.Items.Select((item, index) => Evaluate(path.Append($"[{index}]"), item)).OfType<HoconValue>()], list.Origin);

    private HoconValue? Refer(HoconPath from, ReferenceSyntax reference)
    {
        if (reference.Paths.Any(IsOuterOfActive))
        {
            return Fail(reference, from, $"${{{reference.Written}}} is an object that this key is a part of.");
        }

        HoconValue? found = reference.Paths.Select(Find).FirstOrDefault(static value => value is not null);
        if (found is null && _environment(reference.Written.Variable) is { } variable)
        {
            found = new HoconScalar(variable, IsQuoted: true, reference.Origin with { Variable = reference.Written.Variable });
        }

        return found switch
        {
            null when reference.IsOptional => null,
            null when reference.Paths.Any(path => _active.ContainsKey(path.Text)) => Fail(reference, from, $"${{{reference.Written}}} refers to itself, directly or through others."),
            null => Fail(reference, from, $"${{{reference.Written}}} is neither a key nor an environment variable that is set."),
            not HoconObject when reference.IsWithObject => Fail(reference, from, $"${{{reference.Written}}} stands beside an object and is none."),
            _ => found,
        };
    }

    /// <summary>Is this path above one whose value is being made? Then its value would have to contain itself.</summary>
    private bool IsOuterOfActive(HoconPath path) => _active.Keys.Any(active => active.StartsWith(path.Text + ".", StringComparison.Ordinal));

    private HoconValue? Find(HoconPath path)
    {
        IReadOnlyList<HoconSyntax> assigned = _files;
        HoconPath at = HoconPath.Root;
        foreach (string key in path.Keys)
        {
            (List<HoconSyntax> layers, _) = Layers(at, Visible(at, assigned));
            assigned = Children(layers, key);
            at = at.Append(key);
        }

        return Evaluate(at, assigned);
    }

    private HoconValue? Concatenate(HoconPath path, ConcatenationSyntax concatenation)
    {
        List<(HoconSyntax Part, HoconValue? Value)> parts = [];
        foreach (HoconSyntax part in concatenation.Parts)
        {
            parts.Add((part, part switch
            {
                BlankSyntax => null,
                KnownSyntax known => known.Value,
                ReferenceSyntax reference => Refer(path, reference),
                ListSyntax list => EvaluateList(path, list),
                _ => throw new System.Diagnostics.UnreachableException(),
            }));
        }

        HoconValue[] values = [.. parts.Select(static part => part.Value).OfType<HoconValue>()];
        return values switch
        {
            [] => null,
            _ when values.All(static value => value is HoconScalar) => Join(parts, concatenation.Origin),
            _ when values.All(static value => value is HoconList) => new HoconList([.. values.Cast<HoconList>().SelectMany(static list => list.Items)], concatenation.Origin),
            _ when values.All(static value => value is HoconObject) => values.Cast<HoconObject>().Aggregate(static (below, above) => above.Over(below)),
            _ => Fail(concatenation, path, $"{string.Join(" and ", values.Select(static value => value.Kind))} cannot stand beside each other."),
        };
    }

    private static HoconScalar Join(List<(HoconSyntax Part, HoconValue? Value)> parts, HoconOrigin origin)
    {
        IEnumerable<HoconScalar> texts = parts.Select(static part => part.Value).OfType<HoconScalar>();
        string? variable = string.Join(", ", texts.Select(static text => text.Origin.Variable).OfType<string>().Distinct()) is { Length: > 0 } names ? names : null;
        string joined = string.Concat(parts.Select(static part => part.Part is BlankSyntax blank ? blank.Text : (part.Value as HoconScalar)?.Text));
        return new HoconScalar(joined, IsQuoted: true, origin with { Variable = variable });
    }

    private HoconValue? Fail(HoconSyntax syntax, HoconPath path, string rule)
    {
        _errors.Add(Error(syntax, path, rule));
        return null;
    }

    private static SettingsError Error(HoconSyntax syntax, HoconPath path, string rule) => new(syntax.Origin.File, syntax.Origin.Line, path.Text, rule);
}
