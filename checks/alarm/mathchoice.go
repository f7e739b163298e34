package alarm

// fill replaces missing data points: by a number, by those of another time series, by the latest one before (REPEAT), or along a line
// between the ends of the gap (LINEAR). REPEAT and LINEAR see nothing outside the evaluation range and leave what has no end there.
func fill(s *scope, arguments []expression) (value, error) {
	if len(arguments) != 2 {
		return value{}, invalid("FILL needs two arguments")
	}
	v, err := only(s, arguments[:1])
	if err != nil {
		return value{}, err
	}
	filler, err := fillerOf(s, arguments[1])
	if err != nil {
		return value{}, err
	}
	out := make([][]float64, len(v.series))
	for n, one := range v.series {
		out[n] = make([]float64, len(one))
		for i, point := range one {
			if out[n][i] = point; missing(point) {
				out[n][i] = filler(one, i)
			}
		}
	}
	return v.like(out), nil
}

// fillerOf gives the value for a missing data point of a time series.
func fillerOf(s *scope, argument expression) (func(series []float64, at int) float64, error) {
	switch argument {
	case keywordNode("REPEAT"):
		return func(series []float64, at int) float64 {
			before, _ := neighbours(series, at)
			if before < 0 {
				return absent
			}
			return series[before]
		}, nil
	case keywordNode("LINEAR"):
		return func(series []float64, at int) float64 {
			before, after := neighbours(series, at)
			if before < 0 || after == len(series) {
				return absent
			}
			return series[before] + (series[after]-series[before])*float64(at-before)/float64(after-before)
		}, nil
	}
	v, err := argument.eval(s)
	switch {
	case err != nil:
		return nil, err
	case v.shape == array:
		return nil, invalid("FILL can't fill with an array of time series")
	case v.shape == scalar:
		return func([]float64, int) float64 { return v.number }, nil
	}
	return func(_ []float64, at int) float64 { return v.single()[at] }, nil
}

// neighbours are the nearest data points before and after a missing one; -1 and the length where there is none.
func neighbours(series []float64, at int) (before, after int) {
	before, after = at, at
	for before >= 0 && missing(series[before]) {
		before--
	}
	for after < len(series) && missing(series[after]) {
		after++
	}
	return before, after
}

// choose is IF(condition, trueValue, falseValue), of which the last may be left out (using-metric-math, "Using IF expressions").
func choose(s *scope, arguments []expression) (value, error) {
	if len(arguments) != 2 && len(arguments) != 3 {
		return value{}, invalid("IF needs two or three arguments")
	}
	values, err := evaluated(s, arguments, len(arguments))
	if err != nil {
		return value{}, err
	}
	for _, v := range values {
		if v.shape == array {
			return value{}, inconclusive("AWS doesn't document IF with an array of time series")
		}
	}
	if len(values) == 2 {
		values = append(values, seriesOf(s.constant(absent)))
	}
	condition, yes, no := values[0], values[1], values[2]
	if condition.shape == scalar {
		return chooseWhole(condition.number, yes, no)
	}
	out := make([]float64, s.length)
	for i, c := range condition.single() {
		switch {
		case missing(c):
			out[i] = absent
		case c != 0:
			// "has the value of 0, if the corresponding data point of metric1 is TRUE and the corresponding data point does not exist in metric2"
			out[i] = orZero(yes.at(i))
		default:
			out[i] = no.at(i)
		}
	}
	return seriesOf(out), nil
}

// chooseWhole is IF(S, TS, TS).
func chooseWhole(condition float64, yes, no value) (value, error) {
	if yes.shape == scalar || no.shape == scalar {
		return value{}, inconclusive("AWS doesn't document IF with a number as condition and a number as result")
	}
	if condition != 0 {
		return yes, nil
	}
	return no, nil
}

// at is the value of a number or a time series at a moment.
func (v value) at(i int) float64 {
	if v.shape == scalar {
		return v.number
	}
	return v.single()[i]
}
